import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { MeasureImpact } from './measure-impact.query.js';

type Impact = z.output<typeof federation.IMPACT_OPERATIONS.matching.output>;

/** Answers what members would no longer see of a peer, before it is cut off. */
@Controller()
export class ImpactController {
  constructor(private readonly impact: MeasureImpact) {}

  @Operation(federation.IMPACT_OPERATIONS.matching)
  async measure({ nodeId }: z.output<typeof federation.IMPACT_OPERATIONS.matching.input>): Promise<Impact> {
    return { items: await this.impact.of(nodeId) };
  }
}
