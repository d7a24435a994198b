import { Injectable } from '@nestjs/common';
import { agreement as contract, agreementSigned, type Caller } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { AgreementBook } from './agreement-book.js';
import { NotAPartyError, OtherTermsError } from './domain/agreement.errors.js';
import type { Agreement } from './domain/agreement.js';
import { checkSignature } from './statements.js';

type Sign = z.output<typeof contract.signAgreement.input>;

/** Takes a local party's signature and passes it on. */
@Injectable()
export class SignAgreement {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly book: AgreementBook, private readonly federation: FederationOutbox, private readonly node: NodeIdentity,
  ) {}

  async handle({ agreementId, termsHash, madeAt, signature }: Sign, caller: Caller | null): Promise<Agreement> {
    const party = caller?.did ?? '';
    return this.unitOfWork.retrying(async (tx) => {
      const agreement = await this.book.get(agreementId, tx);
      if (agreement.partyOf(party)?.home_node !== this.node.id) throw new NotAPartyError(party);
      if (termsHash !== agreement.props.termsHash) throw new OtherTermsError(termsHash);
      const statement = { agreement_id: agreementId, version: agreement.props.terms.version, terms_hash: termsHash, party, made_at: madeAt };
      checkSignature({ domain: 'sep/agreement/v1', statement, signature });
      const signed = agreement.sign(termsHash, { party, madeAt, signature });
      if (await this.book.update(agreement, signed, tx)) {
        await this.federation.add(agreementSigned, { statement, signature }, { subject: agreementId }, tx);
      }
      return signed;
    });
  }
}
