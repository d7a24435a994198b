import { Injectable } from '@nestjs/common';
import { invariant } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import { ObligationRepository } from '../obligation/obligation.repository.js';
import { ClearingRunRepository } from './clearing-run.repository.js';
import type { ClearingRun } from './domain/clearing-run.js';

/** Changes runs: what a change means for the obligations of the set happens in the same transaction, and once. */
@Injectable()
export class ClearingRunBook {
  constructor(private readonly runs: ClearingRunRepository, private readonly obligations: ObligationRepository) {}

  /** Saves `after` where it differs from `before`. A run that settled reduces its obligations; a disputed one lets them go. */
  async update(before: ClearingRun, after: ClearingRun, tx: Transaction): Promise<void> {
    if (before === after) return;
    await this.runs.save(after, tx);
    if (before.props.result === null && after.props.result !== null) await this.runs.addLines(after.id, after.props.result.lines, tx);
    if (before.state === after.state) return;
    if (after.state === 'settled') await this.settle(after, tx);
    if (after.state === 'disputed') await this.obligations.save((await this.obligations.frozenIn(after.id, tx)).map((obligation) => obligation.release()), tx);
  }

  private async settle({ id, props }: ClearingRun, tx: Transaction): Promise<void> {
    const frozen = await this.obligations.frozenIn(id, tx);
    const remaining = new Map(props.result?.lines.map(({ obligationId, after }) => [obligationId, after]));
    invariant(frozen.length === remaining.size, 'every obligation of the set is still frozen');
    await this.obligations.save(frozen.map((obligation) => {
      const after = remaining.get(obligation.id);
      invariant(after !== undefined, 'what is frozen is in the set');
      return obligation.settle(after);
    }), tx);
  }
}
