import { Injectable } from '@nestjs/common';
import { agreementProposed, agreementTerms, type Caller } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { AgreementBook } from './agreement-book.js';
import { NotAPartyError } from './domain/agreement.errors.js';
import type { Agreement } from './domain/agreement.js';

/** Proposes a draft to its parties. Proposing it again before anybody acted answers the same. */
@Injectable()
export class ProposeAgreement {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly book: AgreementBook, private readonly federation: FederationOutbox) {}

  async handle(agreementId: string, caller: Caller | null): Promise<Agreement> {
    return this.unitOfWork.retrying(async (tx) => {
      const agreement = await this.book.get(agreementId, tx);
      if (agreement.props.draftedBy !== caller?.did) throw new NotAPartyError(caller?.did ?? 'nobody');
      if (agreement.state === 'proposed') return agreement;
      const proposed = agreement.propose();
      await this.book.update(agreement, proposed, tx);
      const { terms, termsHash, draftedBy } = proposed.props;
      await this.federation.add(agreementProposed, { terms: agreementTerms.parse(terms), terms_hash: termsHash, proposed_by: draftedBy }, { subject: agreementId }, tx);
      return proposed;
    });
  }
}
