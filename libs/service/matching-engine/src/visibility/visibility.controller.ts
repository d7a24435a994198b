import { Controller } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { VisibilityPolicy } from './visibility-policy.js';

/** What this node offers its members. */
@Controller()
export class VisibilityController {
  constructor(private readonly policy: VisibilityPolicy) {}

  @Operation(matching.getVisibilityPolicy)
  async get(): Promise<z.input<typeof matching.getVisibilityPolicy.output>> {
    return { allowed: [...this.policy.allowed], default: this.policy.default };
  }
}
