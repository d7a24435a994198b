import { Controller } from '@nestjs/common';
import { agreement as contract, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { ActOnAgreement } from './act-on-agreement.js';
import { presentAgreement } from './agreement.presenter.js';
import { DraftAgreement } from './draft-agreement.js';
import { FindAgreements } from './find-agreements.query.js';
import { ProposeAgreement } from './propose-agreement.js';
import { SignAgreement } from './sign-agreement.js';

type InputOf<Contract extends { readonly input: z.ZodType }> = z.output<Contract['input']>;

/** Operations on agreements. */
@Controller()
export class AgreementController {
  constructor(
    private readonly drafting: DraftAgreement, private readonly proposing: ProposeAgreement, private readonly signing: SignAgreement,
    private readonly acting: ActOnAgreement, private readonly finding: FindAgreements,
  ) {}

  @Operation(contract.draftAgreement)
  async draft(input: InputOf<typeof contract.draftAgreement>, { caller }: RequestMeta) {
    return presentAgreement(await this.drafting.handle(input, caller));
  }

  @Operation(contract.proposeAgreement)
  async propose({ agreementId }: InputOf<typeof contract.proposeAgreement>, { caller }: RequestMeta) {
    return presentAgreement(await this.proposing.handle(agreementId, caller));
  }

  @Operation(contract.signAgreement)
  async sign(input: InputOf<typeof contract.signAgreement>, { caller }: RequestMeta) {
    return presentAgreement(await this.signing.handle(input, caller));
  }

  @Operation(contract.actOnAgreement)
  async act(input: InputOf<typeof contract.actOnAgreement>, { caller }: RequestMeta) {
    return presentAgreement(await this.acting.handle(input, caller));
  }

  @Operation(contract.getAgreement)
  async get({ agreementId }: InputOf<typeof contract.getAgreement>, { caller }: RequestMeta) {
    return presentAgreement(await this.finding.get(agreementId, caller));
  }

  @Operation(contract.listAgreements)
  async list(input: InputOf<typeof contract.listAgreements>, { caller }: RequestMeta) {
    const { items, nextCursor } = await this.finding.list(input, caller);
    return { items: items.map(presentAgreement), nextCursor };
  }
}
