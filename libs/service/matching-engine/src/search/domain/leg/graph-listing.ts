/** A listing as a search sees it: open, with something free. Times in milliseconds since 1970. */
export interface GraphListing {
  readonly listingId: string;
  readonly kind: 'offering' | 'need';
  /** Of a listing in summary: its home node and the reference that stands for the participant there. */
  readonly participantId: string;
  readonly homeNode: string;
  /** A listing in summary is called by its capability. */
  readonly title: string;
  readonly capability: string;
  readonly unit: string;
  /** Of an offering what can still be given, of a need what is still sought. Positive. */
  readonly free: bigint;
  readonly availableFromMs: number;
  readonly availableUntilMs: number;
  readonly place: string | null;
  readonly delivery: 'onsite' | 'remote';
  readonly visibility: 'network' | 'summary' | 'query' | 'node';
  /** Trust standing of the participant, millionths. */
  readonly standing: number;
  /** True where the home node has not told whose it is, its title and its place: `place` and `standing` are not known then. */
  readonly isSummary?: boolean;
}

/** An offering that may be given for a need. */
export interface Pairing {
  readonly offering: GraphListing;
  readonly need: GraphListing;
}

/** The whole, in millionths. */
export const MICRO = 1_000_000;

/** `part` of `whole` in millionths, rounded down; at most the whole. */
export function microShare(part: bigint, whole: bigint): number {
  return part >= whole ? MICRO : Number((part * BigInt(MICRO)) / whole);
}
