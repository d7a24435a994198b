import type { Arrival } from '@kula/kernel-federation-log';
import { isNodeId } from '@kula/kernel-federation-log';
import type { RefusedArrival } from './link.repository.js';

/** An arrival with its place in the peer's stream; null where it came in answer to a question. */
export interface PlacedArrival extends Arrival {
  readonly streamSeq: number | null;
}

/** Arrivals said to be of one issuer, from one peer, in order. */
export interface Delivery {
  readonly peer: string;
  readonly issuer: string;
  readonly arrivals: readonly PlacedArrival[];
  /** Place in the peer's stream once every one of them is dealt with; absent where the cursor is to stay. */
  readonly cursor?: { readonly epoch: string; readonly streamSeq: number };
  /** Entries of this node's own log come back: taken while sealing is held, never else. */
  readonly isRecovery?: boolean;
  /** What else peers hold of the issuer has been fetched: a key that is unknown now stays unknown. */
  readonly isCaughtUp?: boolean;
}

/** What became of a delivery. The rest of the arrivals is to be delivered again. */
export interface Acceptance {
  /** Arrivals dealt with, from the first one on. */
  readonly done: number;
  /** Entries that have to come before the rest. */
  readonly gap?: { readonly from: number; readonly to: number };
  /** The rest is signed with a key that the log names in entries that are not held: whatever peers hold of it has to come first. */
  readonly lacksKey?: boolean;
}

const utf8 = new TextEncoder();

/** The issuer a delivery names, where it is the name of one. */
export const namedIssuer = ({ issuer }: Delivery): string | null => (isNodeId(issuer) ? issuer : null);

/** An arrival that is refused, as it is kept. */
export function refusedArrival(delivery: Delivery, index: number, { code, detail }: Pick<RefusedArrival, 'code' | 'detail'>): RefusedArrival {
  const { jws, streamSeq } = delivery.arrivals[index]!;
  return { code, detail, issuer: namedIssuer(delivery), streamSeq, bytes: utf8.encode(jws) };
}

/** Where an arrival came from, in words. */
export const placeOf = ({ peer, arrivals }: Delivery, index: number): string =>
  `entry ${arrivals[index]?.streamSeq ?? 'asked for'} of the stream of ${peer}`;
