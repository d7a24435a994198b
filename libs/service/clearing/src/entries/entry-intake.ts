import { Injectable } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import { FederationInbox, type EntryRoute } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { ComputeClearingRun } from '../clearing-run/compute-clearing-run.js';
import { RunEntries } from '../clearing-run/run-entries.js';
import { ObligationEntries } from '../obligation/obligation-entries.js';
import { CONSUMER } from './causes.js';
import { EntryProgressRepository } from './entry-progress.repository.js';

/** Takes in the entries of the topic, then does all that they make possible. */
@Injectable()
export class EntryIntake {
  private readonly routes: readonly EntryRoute[];

  constructor(
    private readonly inbox: FederationInbox, private readonly unitOfWork: UnitOfWork, private readonly progress: EntryProgressRepository,
    private readonly computing: ComputeClearingRun, obligations: ObligationEntries, runs: RunEntries,
  ) {
    this.routes = [...obligations.routes, ...runs.routes];
  }

  /**
   * Applies an entry, moves its issuer's cursor, and catches up.
   *
   * The cursor moves for every entry, of unknown types and refused ones too, and after the effect: what it has passed is applied,
   * refused or waiting. A crash in between is made good when the entry is delivered again.
   */
  async take(entry: AppliedEntry): Promise<void> {
    await this.catchUp();
    await this.inbox.apply(CONSUMER, entry, this.routes);
    await this.unitOfWork.run((tx) => this.progress.advance(entry.issuer, entry.seq, tx));
    await this.catchUp();
  }

  /** Applies what waited for causes that are there and computes the runs whose entries are all in, until nothing more moves. */
  async catchUp(): Promise<void> {
    do await this.resumeReady();
    while (await this.computing.computeDue());
  }

  private async resumeReady(): Promise<void> {
    for (let before = ''; ;) {
      const causes = await this.unitOfWork.run((tx) => this.progress.readyCauses(tx));
      const found = causes.join(' ');
      if (found === before) return;
      for (const cause of causes) await this.inbox.resume(CONSUMER, cause, this.routes);
      before = found;
    }
  }
}
