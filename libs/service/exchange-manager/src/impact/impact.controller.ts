import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { MeasureImpact } from './measure-impact.query.js';

type Impact = z.output<typeof federation.IMPACT_OPERATIONS.exchange.output>;

/** Answers what of the rings on this node is bound up with a peer, before it is cut off. */
@Controller()
export class ImpactController {
  constructor(private readonly impact: MeasureImpact) {}

  @Operation(federation.IMPACT_OPERATIONS.exchange)
  async measure({ nodeId }: z.output<typeof federation.IMPACT_OPERATIONS.exchange.input>): Promise<Impact> {
    return { items: await this.impact.of(nodeId) };
  }
}
