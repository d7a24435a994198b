import { Injectable } from '@nestjs/common';
import { invariant } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import type { Arrangement } from '../arrangement/domain/arrangement.js';
import { EntryProgressRepository } from '../entries/entry-progress.repository.js';
import type { Obligation } from '../obligation/domain/obligation.js';
import { ObligationRepository } from '../obligation/obligation.repository.js';
import type { ClearingRun } from './domain/clearing-run.js';
import { frozenSet, toMillisecond, type Candidate, type Cutoff } from './domain/frozen-set.js';

/** An obligation of a set and what the run looks at of it. */
interface Member { readonly obligation: Obligation; readonly candidate: Candidate }

/** The sets that runs freeze, out of what has come through the log and nothing else. */
@Injectable()
export class FrozenSets {
  constructor(private readonly arrangements: ArrangementRepository, private readonly obligations: ObligationRepository, private readonly progress: EntryProgressRepository) {}

  /** The cut-off at this moment. Only home nodes can write about an arrangement, so it names them and no other. */
  async cutoff(arrangement: Arrangement, tx: Transaction): Promise<Cutoff> {
    return this.progress.reached(arrangement.homeNodes, tx);
  }

  /** The set of an arrangement up to a cut-off, by obligation id. */
  async find(arrangement: Arrangement, cutoff: Cutoff, tx: Transaction): Promise<readonly Member[]> {
    const open = await this.obligations.open(arrangement.id, tx);
    const members = new Map(open.map((obligation) => [obligation.id, toMember(obligation, arrangement)]));
    return frozenSet([...members.values()].map(({ candidate }) => candidate), cutoff).flatMap(({ obligationId }) => members.get(obligationId) ?? []);
  }

  /**
   * True where every entry up to the run's cut-off has had its effect here.
   *
   * What a cursor has passed is applied, refused or waiting, so the cursors are read before the question whether anything waits for what is there.
   */
  async isComplete({ homeNodes, props }: ClearingRun, tx: Transaction): Promise<boolean> {
    const reached = await this.progress.reached(homeNodes, tx);
    if (homeNodes.some((node) => (reached[node] ?? 0) < (props.cutoff[node] ?? 0))) return false;
    return (await this.progress.readyCauses(tx)).length === 0;
  }

  /** Freezes the set of a run and answers it as it was before. */
  async freeze(run: ClearingRun, tx: Transaction): Promise<readonly Candidate[]> {
    invariant(run.state === 'open', 'a set is frozen once');
    const arrangement = await this.arrangements.get(run.props.agreementId, tx);
    const members = await this.find(arrangement, run.props.cutoff, tx);
    await this.obligations.save(members.map(({ obligation }) => obligation.freeze(run.id)), tx);
    return members.map(({ candidate }) => candidate);
  }
}

function toMember(obligation: Obligation, arrangement: Arrangement): Member {
  const { statement: { debtor, creditor, due_at: dueAt }, statementHash, remaining } = obligation.props;
  const [debtorHome, creditorHome] = [arrangement.homeOf(debtor), arrangement.homeOf(creditor)];
  const [debtorSeq, creditorSeq] = [obligation.signatureOf(debtor)?.seq ?? null, obligation.signatureOf(creditor)?.seq ?? null];
  invariant(debtorHome !== undefined && creditorHome !== undefined, 'debtor and creditor are parties');
  invariant(debtorSeq !== null && creditorSeq !== null, 'an open obligation has both signatures in the log');
  const candidate = {
    obligationId: obligation.id, statementHash, debtor, creditor, remaining, dueAt: dueAt === null ? null : toMillisecond(dueAt),
    signedAt: [{ issuer: debtorHome, seq: debtorSeq }, { issuer: creditorHome, seq: creditorSeq }] as const,
  };
  return { obligation, candidate };
}
