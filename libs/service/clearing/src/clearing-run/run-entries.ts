import { Injectable } from '@nestjs/common';
import { clearingRunApproved, clearingRunComputed, clearingRunOpened } from '@kula/contracts';
import { canonicalJson } from '@kula/kernel-crypto';
import { AwaitsCause, onMessage, type EntryRoute, type FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { NotAPartyError } from '../arrangement/domain/arrangement.errors.js';
import { causes } from '../entries/causes.js';
import { checkSignature } from '../obligation/check-statement.js';
import { ClearingRunBook } from './clearing-run-book.js';
import { ClearingRunRepository } from './clearing-run.repository.js';
import { RunExistsError } from './domain/clearing-run.errors.js';
import { ClearingRun } from './domain/clearing-run.js';

type Opened = FederatedEntry<z.output<typeof clearingRunOpened.body>>;
type Computed = FederatedEntry<z.output<typeof clearingRunComputed.body>>;
type Approved = FederatedEntry<z.output<typeof clearingRunApproved.body>>;

/** What entries do to runs, those of this node included. */
@Injectable()
export class RunEntries {
  readonly routes: readonly EntryRoute[] = [
    onMessage(clearingRunOpened, (entry, tx) => this.opened(entry, tx)),
    onMessage(clearingRunComputed, (entry, tx) => this.computed(entry, tx)),
    onMessage(clearingRunApproved, (entry, tx) => this.approved(entry, tx)),
  ];

  constructor(private readonly arrangements: ArrangementRepository, private readonly runs: ClearingRunRepository, private readonly book: ClearingRunBook) {}

  /** A run waits for the end of the one before: only then is known what that left of the obligations. */
  private async opened({ issuer, body }: Opened, tx: Transaction): Promise<void> {
    const { run_id: runId, agreement_id: agreementId, unit, cutoff, opened_by: openedBy, opened_at: openedAt } = body;
    const arrangement = await this.arrangements.find(agreementId, tx);
    if (arrangement?.isBinding !== true) throw new AwaitsCause(causes.agreement(agreementId));
    arrangement.demandClerk(openedBy, issuer);
    arrangement.demandUnit(unit);
    const existing = await this.runs.find(runId, tx);
    if (existing !== undefined) {
      const isSame = existing.props.agreementId === agreementId && canonicalJson(existing.props.cutoff) === canonicalJson(cutoff);
      if (!isSame) throw new RunExistsError(runId);
      return;
    }
    const current = await this.runs.inProgress(agreementId, tx);
    if (current !== undefined) throw new AwaitsCause(causes.end(current.id));
    await this.runs.add(ClearingRun.open({ runId, agreementId, unit, openedBy, openedAt, cutoff, parties: arrangement.props.parties }), tx);
  }

  private async computed({ issuer, body }: Computed, tx: Transaction): Promise<void> {
    const run = await this.known(body.run_id, tx);
    if (!run.homeNodes.includes(issuer)) throw new NotAPartyError(issuer);
    await this.book.update(run, run.recordComputation({ node: issuer, setRoot: body.set_root, resultHash: body.result_hash }), tx);
  }

  /** An approval counts only beside a result of this node's own, so it waits for that. */
  private async approved({ issuer, body: { statement, signature } }: Approved, tx: Transaction): Promise<void> {
    const { run_id: runId, set_root: setRoot, result_hash: resultHash, party, made_at: madeAt } = statement;
    const run = await this.known(runId, tx);
    (await this.arrangements.get(run.props.agreementId, tx)).demandParty(party, issuer);
    checkSignature({ domain: 'sep/clearing-result/v1', signer: party, statement, signature });
    if (run.props.result === null) throw new AwaitsCause(causes.result(runId));
    await this.book.update(run, run.approve({ setRoot, resultHash }, { party, madeAt, signature }), tx);
  }

  private async known(runId: string, tx: Transaction): Promise<ClearingRun> {
    const run = await this.runs.find(runId, tx);
    if (run === undefined) throw new AwaitsCause(causes.run(runId));
    return run;
  }
}
