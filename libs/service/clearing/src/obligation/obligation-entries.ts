import { Injectable } from '@nestjs/common';
import { obligationConfirmed, obligationRecorded } from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { AwaitsCause, onMessage, type EntryRoute, type FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { causes } from '../entries/causes.js';
import { checkReference, checkSignature, checkStatement } from './check-statement.js';
import { NotYourObligationError, ObligationExistsError, OtherStatementError } from './domain/obligation.errors.js';
import { Obligation } from './domain/obligation.js';
import { ObligationRepository } from './obligation.repository.js';

type Recorded = FederatedEntry<z.output<typeof obligationRecorded.body>>;
type Confirmed = FederatedEntry<z.output<typeof obligationConfirmed.body>>;

/** What entries do to obligations, those of this node included: only with its entry does a signature take its place. */
@Injectable()
export class ObligationEntries {
  readonly routes: readonly EntryRoute[] = [
    onMessage(obligationRecorded, (entry, tx) => this.recorded(entry, tx)),
    onMessage(obligationConfirmed, (entry, tx) => this.confirmed(entry, tx)),
  ];

  constructor(private readonly arrangements: ArrangementRepository, private readonly obligations: ObligationRepository) {}

  private async recorded({ issuer, seq, body: { statement, signed_by: signer, signature } }: Recorded, tx: Transaction): Promise<void> {
    checkReference(statement.reference, '/statement/reference');
    const arrangement = await this.arrangements.find(statement.agreement_id, tx);
    if (arrangement?.isBinding !== true) throw new AwaitsCause(causes.agreement(statement.agreement_id));
    checkStatement(arrangement, { statement, signer, signature, node: issuer });
    const statementHash = hashDocument(statement);
    const existing = await this.obligations.find(statement.obligation_id, tx);
    if (existing === undefined) {
      await this.obligations.add(Obligation.record(statement, statementHash, { signer, signature, seq }), tx);
      return;
    }
    if (existing.props.statementHash !== statementHash) throw new ObligationExistsError(statement.obligation_id);
    await this.update(existing, existing.sign({ signer, signature, seq }), tx);
  }

  private async confirmed({ issuer, seq, body }: Confirmed, tx: Transaction): Promise<void> {
    const { obligation_id: obligationId, statement_hash: statementHash, signed_by: signer, signature } = body;
    const existing = await this.obligations.find(obligationId, tx);
    if (existing === undefined) throw new AwaitsCause(causes.obligation(obligationId));
    const { statement } = existing.props;
    const arrangement = await this.arrangements.get(statement.agreement_id, tx);
    if (!existing.concerns(signer) || arrangement.homeOf(signer) !== issuer) throw new NotYourObligationError(signer);
    if (statementHash !== existing.props.statementHash) throw new OtherStatementError(statementHash);
    checkSignature({ domain: 'sep/obligation/v1', signer, statement: { ...statement }, signature });
    await this.update(existing, existing.sign({ signer, signature, seq }), tx);
  }

  private async update(before: Obligation, after: Obligation, tx: Transaction): Promise<void> {
    if (after !== before) await this.obligations.save([after], tx);
  }
}
