import { Injectable, Logger } from '@nestjs/common';
import { clearingRunComputed } from '@kula/contracts';
import { InvariantError } from '@kula/kernel-primitives';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import { ClearingRunBook } from './clearing-run-book.js';
import { ClearingRunRepository } from './clearing-run.repository.js';
import { computeResult, type RunResult } from './domain/run-result.js';
import { FrozenSets } from './frozen-sets.js';

/** Freezes and nets the set of a run once every entry up to its cut-off is in, and tells the other nodes where this one hosts a party. */
@Injectable()
export class ComputeClearingRun {
  private readonly logger = new Logger(ComputeClearingRun.name);

  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly runs: ClearingRunRepository, private readonly book: ClearingRunBook,
    private readonly sets: FrozenSets, private readonly federation: FederationOutbox, private readonly node: NodeIdentity,
  ) {}

  /** Computes every open run whose entries are all in. True where one was. */
  async computeDue(): Promise<boolean> {
    const open = await this.unitOfWork.run((tx) => this.runs.openIds(tx));
    let moved = false;
    for (const runId of open) moved = (await this.attempt(runId)) || moved;
    return moved;
  }

  /** A run that breaks an invariant stays open here: it must not keep all other entries from being taken in. */
  private async attempt(runId: string): Promise<boolean> {
    try {
      return await this.unitOfWork.retrying((tx) => this.compute(runId, tx));
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      this.logger.error(`run ${runId} cannot be computed: ${error.stack ?? error.message}`);
      return false;
    }
  }

  private async compute(runId: string, tx: Transaction): Promise<boolean> {
    const run = await this.runs.find(runId, tx);
    if (run?.state !== 'open' || !(await this.sets.isComplete(run, tx))) return false;
    const result = computeResult(await this.sets.freeze(run, tx), run.props.unit);
    await this.book.update(run, run.compute(result), tx);
    if (run.homeNodes.includes(this.node.id)) await this.publish(runId, result, tx);
    return true;
  }

  private async publish(runId: string, { setRoot, resultHash, grossTotal, netTotal, lines }: RunResult, tx: Transaction): Promise<void> {
    await this.federation.add(clearingRunComputed, {
      run_id: runId, set_root: setRoot, result_hash: resultHash, obligations: lines.length, gross_total: String(grossTotal), net_total: String(netTotal),
    }, { subject: runId }, tx);
  }
}
