import { cycleValue, findCycles, type ExchangePool, type FoundCycles, type PoolCycle } from '@kula/kernel-cycle-matching';
import { invariant } from '@kula/kernel-primitives';
import { MICRO } from './leg/graph-listing.js';
import type { Leg } from './ring.js';

/** Elementary steps of one call of the kernel: well under a second. Counted, so that every node stops at the same place. */
const STEPS_MAX = 20_000_000;
/** Rings listed one by one: what lies beyond is counted, and covered by the bound. */
const CYCLES_MAX = 50_000;

const arcId = ({ offering, need }: Leg): string => `${offering.listingId} ${need.listingId}`;

const pairOf = ({ offering, need }: Leg): string => `${offering.participantId} ${need.participantId}`;

/** Legs as a matching problem: participants are vertices, each in one ring at most. */
export class LegPool {
  readonly pool: ExchangePool;
  /** One person more outweighs every score that all of them can have together. */
  readonly servedWeight: number;
  private readonly legOf: ReadonlyMap<string, Leg>;
  private readonly parallel = new Map<string, Leg[]>();

  constructor(legs: readonly Leg[], ringLengthMax: number) {
    const vertices = [...new Set(legs.flatMap(({ offering, need }) => [offering.participantId, need.participantId]))];
    this.servedWeight = MICRO * vertices.length + 1;
    this.legOf = new Map(legs.map((leg) => [arcId(leg), leg]));
    for (const leg of legs) {
      const between = this.parallel.get(pairOf(leg));
      if (between === undefined) this.parallel.set(pairOf(leg), [leg]);
      else between.push(leg);
    }
    this.pool = {
      vertices, cycleCap: ringLengthMax, stepsMax: STEPS_MAX, objective: { served: this.servedWeight, score: 1 },
      arcs: legs.map((leg) => ({ id: arcId(leg), from: leg.offering.participantId, to: leg.need.participantId, score: leg.score })),
    };
  }

  /** Every ring that the legs form, each of its best legs. */
  find(pool: ExchangePool = this.pool): FoundCycles {
    return findCycles(pool, CYCLES_MAX);
  }

  /** The legs of a cycle in ring order. */
  legsOn({ arcIds }: PoolCycle): Leg[] {
    return arcIds.map((id) => {
      const leg = this.legOf.get(id);
      invariant(leg !== undefined, `arc ${id} stands for a leg`);
      return leg;
    });
  }

  /** The same participants in the same order with one leg exchanged for another between the same two, the best first. */
  variantsOf(cycle: PoolCycle): PoolCycle[] {
    const legs = this.legsOn(cycle);
    const variants = legs.flatMap((leg, at) => (this.parallel.get(pairOf(leg)) ?? [])
      .filter((other) => other !== leg)
      .map((other) => this.cycleOf(cycle, legs.with(at, other))));
    return variants.sort((left, right) => right.score - left.score);
  }

  private cycleOf({ vertices }: PoolCycle, legs: readonly Leg[]): PoolCycle {
    const score = legs.reduce((sum, leg) => sum + leg.score, 0);
    return { vertices, arcIds: legs.map(arcId), score, value: cycleValue({ served: this.servedWeight, score: 1 }, legs.length, score) };
  }
}
