import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { chooseRings, type JudgedRing } from './domain/choose-rings.js';
import { SCORING_VERSION } from './domain/leg/score-leg.js';
import { ProposeRing } from './propose-ring.js';
import { ringView } from './ring.presenter.js';
import { RingRepository } from './ring.repository.js';
import { SearchSnapshots, type SearchSnapshot } from './search-snapshot.query.js';

const OUTDATED = 'Not chosen: one of its listings changed while it was searched. The next search looks again.';

/** Searches the exchange graph, proposes the rings that are this node's to propose, and keeps what was found. */
@Injectable()
export class RunSearch {
  constructor(
    private readonly snapshots: SearchSnapshots, private readonly propose: ProposeRing, private readonly rings: RingRepository, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Searches whatever has been searched before. The kernel works outside any transaction. */
  async run(): Promise<z.input<typeof matching.runSearch.output>> {
    const snapshot = await this.snapshots.take();
    const { ringsFound, objective, bound, isComplete, rings } = chooseRings(snapshot);
    const judged = [];
    for (const ring of rings) judged.push(await this.proposed(ring, snapshot));
    const foundAt = new Date(snapshot.nowMs);
    const views = judged.map(({ ring, state, reason }) => ringView(ring, { state, reason, foundAt: foundAt.toISOString() }));
    const search = { graphHash: snapshot.graphHash, scoringVersion: SCORING_VERSION, endedAt: foundAt };
    await this.unitOfWork.retrying((tx) => this.rings.replace(views, search, tx));
    return {
      ringsFound, ringsSelected: judged.filter(({ state }) => state === 'selected').length, proven: objective === bound, objective: String(objective),
      bound: String(bound), complete: isComplete,
    };
  }

  /** True where the graph is another one than the latest search started from. */
  async isDue(): Promise<boolean> {
    const { graphHash } = await this.snapshots.take();
    return this.unitOfWork.run(async (tx) => !(await this.rings.isSearched(graphHash, tx)));
  }

  private async proposed(judged: JudgedRing, { ownNode, nowMs }: SearchSnapshot): Promise<JudgedRing> {
    if (judged.state === 'considered' || judged.ring.proposingNode !== ownNode) return judged;
    const isProposed = await this.propose.run(judged.ring, { reason: judged.reason, foundMs: nowMs });
    return isProposed ? judged : { ...judged, state: 'considered', reason: OUTDATED };
  }
}
