import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { ConfirmOwnLog } from '../recovery/confirm-own-log.js';
import { ListEquivocationsQuery } from './list-equivocations.query.js';
import { PresentEquivocation } from './present-equivocation.js';
import { ReleaseIssuer } from './release-issuer.js';

/** What people may see of contradictions, and decide about them. */
@Controller()
export class QuarantineController {
  constructor(
    private readonly equivocations: ListEquivocationsQuery, private readonly releaseIssuer: ReleaseIssuer, private readonly confirmOwnLog: ConfirmOwnLog,
    private readonly presenter: PresentEquivocation,
  ) {}

  @Operation(federation.listEquivocations)
  async list(input: z.output<typeof federation.listEquivocations.input>): Promise<z.output<typeof federation.listEquivocations.output>> {
    return this.equivocations.page(input);
  }

  @Operation(federation.releaseIssuer)
  async release(input: z.output<typeof federation.releaseIssuer.input>): Promise<z.output<typeof federation.releaseIssuer.output>> {
    return this.presenter.present(await this.releaseIssuer.handle(input));
  }

  @Operation(federation.confirmOwnLog)
  async confirm(input: z.output<typeof federation.confirmOwnLog.input>): Promise<z.output<typeof federation.confirmOwnLog.output>> {
    return this.confirmOwnLog.handle(input);
  }
}
