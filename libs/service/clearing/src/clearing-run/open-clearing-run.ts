import { Injectable } from '@nestjs/common';
import { clearing as contract, clearingRunOpened, type Caller } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock, NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { ClearingRunRepository } from './clearing-run.repository.js';
import { NothingToClearError, RunExistsError, RunInProgressError } from './domain/clearing-run.errors.js';
import { ClearingRun } from './domain/clearing-run.js';
import { FrozenSets } from './frozen-sets.js';

/** Opens a run over all that this node has taken in of the home nodes. The same run again answers the same. */
@Injectable()
export class OpenClearingRun {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly arrangements: ArrangementRepository, private readonly runs: ClearingRunRepository,
    private readonly sets: FrozenSets, private readonly federation: FederationOutbox, private readonly clock: Clock, private readonly node: NodeIdentity,
  ) {}

  async handle({ runId, agreementId }: z.output<typeof contract.openClearingRun.input>, caller: Caller | null): Promise<ClearingRun> {
    const openedBy = caller?.did ?? '';
    return this.unitOfWork.retrying(async (tx) => {
      const existing = await this.runs.find(runId, tx);
      if (existing?.props.agreementId === agreementId && existing.props.openedBy === openedBy) return existing;
      const arrangement = await this.arrangements.get(agreementId, tx);
      arrangement.demandActive();
      arrangement.demandClerk(openedBy, this.node.id);
      if (existing !== undefined) throw new RunExistsError(runId);
      const current = await this.runs.inProgress(agreementId, tx);
      if (current !== undefined) throw new RunInProgressError(current.id);
      const cutoff = await this.sets.cutoff(arrangement, tx);
      if ((await this.sets.find(arrangement, cutoff, tx)).length === 0) throw new NothingToClearError(agreementId);
      const { unit, parties } = arrangement.props;
      const run = ClearingRun.open({ runId, agreementId, unit, openedBy, openedAt: this.clock.now().toISOString(), cutoff, parties });
      await this.runs.add(run, tx);
      await this.federation.add(clearingRunOpened, {
        run_id: runId, agreement_id: agreementId, unit, cutoff, opened_by: openedBy, opened_at: run.props.openedAt,
      }, { subject: runId }, tx);
      return run;
    });
  }
}
