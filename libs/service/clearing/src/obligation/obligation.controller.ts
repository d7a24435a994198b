import { Controller } from '@nestjs/common';
import { clearing as contract, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { ConfirmObligation } from './confirm-obligation.js';
import { FindObligations } from './find-obligations.query.js';
import { presentObligation } from './obligation.presenter.js';
import { RecordObligation } from './record-obligation.js';

type InputOf<Contract extends { readonly input: z.ZodType }> = z.output<Contract['input']>;

/** Operations on obligations. */
@Controller()
export class ObligationController {
  constructor(private readonly recording: RecordObligation, private readonly confirming: ConfirmObligation, private readonly finding: FindObligations) {}

  @Operation(contract.recordObligation)
  async record(input: InputOf<typeof contract.recordObligation>, { caller }: RequestMeta) {
    return presentObligation(await this.recording.handle(input, caller));
  }

  @Operation(contract.confirmObligation)
  async confirm(input: InputOf<typeof contract.confirmObligation>, { caller }: RequestMeta) {
    return presentObligation(await this.confirming.handle(input, caller));
  }

  @Operation(contract.getObligation)
  async get({ obligationId }: InputOf<typeof contract.getObligation>, { caller }: RequestMeta) {
    return presentObligation(await this.finding.get(obligationId, caller));
  }

  @Operation(contract.listObligations)
  async list(input: InputOf<typeof contract.listObligations>, { caller }: RequestMeta) {
    const { items, nextCursor } = await this.finding.list(input, caller);
    return { items: items.map(presentObligation), nextCursor };
  }

  @Operation(contract.listPositions)
  async positions({ agreementId }: InputOf<typeof contract.listPositions>, { caller }: RequestMeta) {
    return this.finding.positions(agreementId, caller);
  }
}
