import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { MeasureImpact } from './measure-impact.query.js';

type Impact = z.output<typeof federation.IMPACT_OPERATIONS.agreement.output>;

/** Answers which agreements have a party at a peer, before it is cut off. */
@Controller()
export class ImpactController {
  constructor(private readonly impact: MeasureImpact) {}

  @Operation(federation.IMPACT_OPERATIONS.agreement)
  async measure({ nodeId }: z.output<typeof federation.IMPACT_OPERATIONS.agreement.input>): Promise<Impact> {
    return { items: await this.impact.of(nodeId) };
  }
}
