import type { Ed25519 } from '@kula/kernel-crypto';
import type { SeededRandom } from '@kula/testing-fixtures';
import type { Scheduler } from '../scheduler.js';
import type { Bug } from './bugs.js';
import type { Diary } from './happenings.js';
import type { Network } from './network.js';
import type { Places } from './places.js';
import type { Witness } from './witness.js';

/** Everything around the nodes of one schedule. */
export interface World {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly random: SeededRandom;
  readonly ed25519: Ed25519;
  readonly witness: Witness;
  readonly diary: Diary;
  readonly places: Places;
  /** Mistakes that every honest node makes. */
  readonly bugs: ReadonlySet<Bug>;
}
