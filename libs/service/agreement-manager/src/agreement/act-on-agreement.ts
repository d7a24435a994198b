import { Injectable } from '@nestjs/common';
import { agreement as contract, agreementActed, type Caller } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { AgreementBook } from './agreement-book.js';
import { NotAPartyError, OtherTermsError } from './domain/agreement.errors.js';
import type { Agreement } from './domain/agreement.js';
import { checkSignature } from './statements.js';

type Act = z.output<typeof contract.actOnAgreement.input>;

/** Takes a local party's signed suspension, resumption or termination and passes it on. */
@Injectable()
export class ActOnAgreement {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly book: AgreementBook, private readonly federation: FederationOutbox, private readonly node: NodeIdentity,
  ) {}

  async handle({ agreementId, termsHash, action, sequence, reason, madeAt, signature }: Act, caller: Caller | null): Promise<Agreement> {
    const party = caller?.did ?? '';
    return this.unitOfWork.retrying(async (tx) => {
      const agreement = await this.book.get(agreementId, tx);
      if (agreement.partyOf(party)?.home_node !== this.node.id) throw new NotAPartyError(party);
      if (termsHash !== agreement.props.termsHash) throw new OtherTermsError(termsHash);
      const statement = { agreement_id: agreementId, terms_hash: termsHash, party, action, sequence, reason, made_at: madeAt };
      checkSignature({ domain: 'sep/agreement-action/v1', statement, signature });
      const acted = agreement.act(termsHash, { party, action, sequence, reason, madeAt, signature });
      if (await this.book.update(agreement, acted, tx)) {
        await this.federation.add(agreementActed, { statement, signature }, { subject: agreementId }, tx);
      }
      return acted;
    });
  }
}
