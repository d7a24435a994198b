import { Injectable } from '@nestjs/common';
import { clearing as contract, type Caller } from '@kula/contracts';
import { keyOfCursor, pageOfRows, UnitOfWork, type Page } from '@kula/platform-persistence';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { EntryProgressRepository } from '../entries/entry-progress.repository.js';
import { ClearingRunRepository } from './clearing-run.repository.js';
import { RunUnknownError } from './domain/clearing-run.errors.js';
import type { ClearingRun } from './domain/clearing-run.js';
import type { Cutoff } from './domain/frozen-set.js';

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A run and how far this node has read each home node. */
export interface SeenRun { readonly run: ClearingRun; readonly reached: Cutoff }

/** Cooperatives see the runs of the agreements they are a party of, operators all that this node knows. */
@Injectable()
export class FindClearingRuns {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly runs: ClearingRunRepository, private readonly arrangements: ArrangementRepository,
    private readonly progress: EntryProgressRepository,
  ) {}

  async get(runId: string, caller: Caller | null): Promise<SeenRun> {
    return this.unitOfWork.run(async (tx) => {
      const run = await this.runs.find(runId, tx);
      if (run === undefined) throw new RunUnknownError(runId);
      const arrangement = await this.arrangements.get(run.props.agreementId, tx);
      if (!arrangement.isSeenBy(caller)) throw new RunUnknownError(runId);
      return { run, reached: await this.progress.reached(run.homeNodes, tx) };
    });
  }

  async list({ limit, cursor, agreementId }: z.output<typeof contract.listClearingRuns.input>, caller: Caller | null): Promise<Page<SeenRun>> {
    const party = caller?.role === 'operator' ? null : (caller?.did ?? '');
    const after = keyOfCursor(cursor, RUN_ID);
    return this.unitOfWork.run(async (tx) => {
      const runs = await this.runs.list({ party, agreementId: agreementId ?? null, after, limit }, tx);
      const reached = await this.progress.reached(runs.flatMap(({ homeNodes }) => homeNodes), tx);
      return pageOfRows(runs.map((run) => ({ run, reached })), limit, ({ run }) => run.id);
    });
  }
}
