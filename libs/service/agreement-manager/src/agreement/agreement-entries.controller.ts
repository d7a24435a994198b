import { Controller } from '@nestjs/common';
import { agreementActed, agreementProposed, agreementSigned, type AppliedEntry } from '@kula/contracts';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { AwaitsCause, FederationInbox, OnFederated, onMessage, type EntryRoute, type FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { AgreementBook } from './agreement-book.js';
import { AgreementRepository } from './agreement.repository.js';
import { AgreementExistsError, NotAPartyError, OtherTermsError } from './domain/agreement.errors.js';
import { Agreement } from './domain/agreement.js';
import { checkSignature } from './statements.js';

type Proposed = FederatedEntry<z.output<typeof agreementProposed.body>>;
type Signed = FederatedEntry<z.output<typeof agreementSigned.body>>;
type Acted = FederatedEntry<z.output<typeof agreementActed.body>>;

/** Applies what other nodes, and this one, have written about agreements. */
@Controller()
export class AgreementEntriesController {
  private readonly routes: readonly EntryRoute[] = [
    onMessage(agreementProposed, (entry, tx) => this.proposed(entry, tx), ({ terms }) => [terms.agreement_id]),
    onMessage(agreementSigned, (entry, tx) => this.signed(entry, tx)),
    onMessage(agreementActed, (entry, tx) => this.acted(entry, tx)),
  ];

  constructor(private readonly inbox: FederationInbox, private readonly agreements: AgreementRepository, private readonly book: AgreementBook) {}

  @OnFederated('agreements')
  async apply(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('agreements', entry, this.routes);
  }

  private async proposed({ issuer, body: { terms, terms_hash: termsHash, proposed_by: proposer } }: Proposed, tx: Transaction): Promise<void> {
    if (hashDocument(terms as Json) !== termsHash) throw new OtherTermsError(termsHash);
    if (!terms.parties.some((party) => party.cooperative_id === proposer && party.home_node === issuer)) throw new NotAPartyError(proposer);
    const existing = await this.agreements.find(terms.agreement_id, tx);
    if (existing !== undefined) {
      if (existing.props.termsHash !== termsHash || existing.props.draftedBy !== proposer) throw new AgreementExistsError(terms.agreement_id);
      return;
    }
    await this.agreements.add(new Agreement({ terms, termsHash, draftedBy: proposer, isProposed: true, isExpired: false, signatures: [], actions: [], version: 1 }), tx);
  }

  private async signed({ issuer, body: { statement, signature } }: Signed, tx: Transaction): Promise<void> {
    const agreement = await this.known(statement.agreement_id, tx);
    if (agreement.partyOf(statement.party)?.home_node !== issuer) throw new NotAPartyError(statement.party);
    checkSignature({ domain: 'sep/agreement/v1', statement, signature });
    const { party, made_at: madeAt, terms_hash: termsHash } = statement;
    await this.book.update(agreement, agreement.recordSignature(termsHash, { party, madeAt, signature }), tx);
  }

  private async acted({ issuer, body: { statement, signature } }: Acted, tx: Transaction): Promise<void> {
    const agreement = await this.known(statement.agreement_id, tx);
    if (agreement.partyOf(statement.party)?.home_node !== issuer) throw new NotAPartyError(statement.party);
    checkSignature({ domain: 'sep/agreement-action/v1', statement, signature });
    const { party, action, sequence, reason, made_at: madeAt, terms_hash: termsHash } = statement;
    await this.book.update(agreement, agreement.recordAction(termsHash, { party, action, sequence, reason, madeAt, signature }), tx);
  }

  private async known(agreementId: string, tx: Transaction): Promise<Agreement> {
    const found = await this.agreements.find(agreementId, tx);
    if (found === undefined) throw new AwaitsCause(agreementId);
    return found;
  }
}
