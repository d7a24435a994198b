import { Injectable } from '@nestjs/common';
import type { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { GatherCandidates } from '../asking/gather-candidates.js';
import { chooseRings, type JudgedRing, type SearchOutcome } from './domain/choose-rings.js';
import { SCORING_VERSION } from './domain/leg/score-leg.js';
import { listingsOf, type Ring } from './domain/ring.js';
import { ProposeRing } from './propose-ring.js';
import { ringView } from './ring.presenter.js';
import { RingRepository } from './ring.repository.js';
import { SetAsideRingRepository } from './set-aside-ring.repository.js';
import { SearchSnapshots, type SearchSnapshot } from './search-snapshot.query.js';

const OUTDATED = 'Not chosen: one of its listings changed while it was searched. The next search looks again.';

/** How often rings are chosen again in one search because a chosen one cannot be proposed. */
const ROUNDS_MAX = 8;

/** A choice of rings, and what has become known of those this node is to propose. */
interface Choice {
  readonly snapshot: SearchSnapshot;
  readonly outcome: SearchOutcome;
  readonly learned: Learned;
}

/** What the home nodes have made of rings, under their ids. */
interface Learned {
  /** Every member is known. */
  readonly known: Map<string, Ring>;
  /** Cannot be proposed, with the reason. */
  readonly lost: Map<string, string>;
}

/** True of a chosen ring that another node is to propose, which may know more of its own listings than it tells. */
const isLeftToAnother = ({ ring, state }: JudgedRing, { ownNode }: SearchSnapshot): boolean =>
  state === 'selected' && ring.proposingNode !== ownNode && hasSummary(ring);

const hasSummary = (ring: Ring): boolean => listingsOf(ring).some(({ isSummary }) => isSummary === true);

/** Searches the exchange graph, proposes the rings that are this node's to propose, and keeps what was found. */
@Injectable()
export class RunSearch {
  constructor(
    private readonly candidates: GatherCandidates, private readonly snapshots: SearchSnapshots, private readonly propose: ProposeRing,
    private readonly rings: RingRepository, private readonly setAside: SetAsideRingRepository, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Searches whatever has been searched before. The kernel works, and peers are asked, outside any transaction. */
  async run(): Promise<z.input<typeof matching.runSearch.output>> {
    const { peersAsked, peersSilent } = await this.candidates.run();
    const { snapshot, outcome: { ringsFound, objective, bound, isComplete, rings }, learned } = await this.choose();
    const judged: JudgedRing[] = [];
    for (const ring of rings) judged.push(...await this.proposed(ring, { snapshot, learned }));
    const foundAt = new Date(snapshot.nowMs);
    const views = judged.map(({ ring, state, reason }) => ringView(ring, { state, reason, foundAt: foundAt.toISOString() }));
    const search = { graphHash: snapshot.graphHash, scoringVersion: SCORING_VERSION, endedAt: foundAt };
    const awaited = judged.filter((each) => isLeftToAnother(each, snapshot)).map(({ ring }) => ring.ringId);
    await this.unitOfWork.retrying(async (tx) => {
      await this.rings.replace(views, search, tx);
      await this.setAside.awaitOthers(awaited, snapshot.nowMs, tx);
    });
    return {
      ringsFound, ringsSelected: judged.filter(({ state }) => state === 'selected').length, proven: objective === bound, objective: String(objective),
      bound: String(bound), complete: isComplete, peersAsked, peersSilent: [...peersSilent],
    };
  }

  /** True where the graph is another one than the latest search started from, or peers have not been asked for a while. */
  async isDue(): Promise<boolean> {
    const { graphHash, nowMs } = await this.snapshots.take();
    return this.unitOfWork.run(async (tx) => !(await this.rings.isSearched({ graphHash, nowMs }, tx)));
  }

  /** Chooses rings until everything is known of those this node is to propose: where a home node stands in the way, the next best goes on. */
  private async choose(): Promise<Choice> {
    const learned: Learned = { known: new Map(), lost: new Map() };
    for (let round = 1; ; round += 1) {
      const snapshot = await this.snapshots.take();
      const outcome = chooseRings(snapshot);
      const isSettled = await this.learn(outcome, snapshot, learned);
      if (isSettled || round === ROUNDS_MAX) return { snapshot, outcome, learned };
    }
  }

  /** Learns the members of the chosen rings. False where one of the rings was set aside. */
  private async learn({ rings }: SearchOutcome, { ownNode, nowMs }: SearchSnapshot, { known, lost }: Learned): Promise<boolean> {
    let isSettled = true;
    for (const { ring, state } of rings) {
      if (state === 'considered' || ring.proposingNode !== ownNode || !hasSummary(ring) || known.has(ring.ringId)) continue;
      const resolution = await this.propose.prepare(ring, nowMs);
      if (resolution === undefined) continue;
      if ('ring' in resolution) {
        known.set(ring.ringId, resolution.ring);
        continue;
      }
      lost.set(ring.ringId, resolution.reason);
      isSettled = false;
    }
    return isSettled;
  }

  /** The ring as it stands once it is proposed or could not be. None where another search has proposed it meanwhile, which keeps it with every member known. */
  private async proposed(judged: JudgedRing, { snapshot, learned: { known, lost } }: Pick<Choice, 'snapshot' | 'learned'>): Promise<readonly JudgedRing[]> {
    if (judged.state === 'considered' || judged.ring.proposingNode !== snapshot.ownNode) return [judged];
    const ring = known.get(judged.ring.ringId) ?? judged.ring;
    const passedOver: JudgedRing = { ...judged, state: 'considered', reason: lost.get(ring.ringId) ?? OUTDATED };
    if (hasSummary(ring)) return await this.propose.isUnderWay(ring) ? [] : [passedOver];
    const isProposed = await this.propose.run(ring, { reason: judged.reason, foundMs: snapshot.nowMs });
    return [isProposed ? { ...judged, ring } : passedOver];
  }
}
