import type { NodeId } from '@kula/kernel-crypto';
import type { HeldEntry, HeldLog } from './held-log.js';

/** Something to be logged. `proof` makes it a notice of an equivocation. */
export interface Draft {
  readonly id: string;
  readonly topic: string;
  readonly type: string;
  readonly sub: string;
  /** When somebody asked for it. */
  readonly askedAt: number;
  readonly exp?: number;
  readonly proof?: string;
  /** Commitment to a recovery key, in the first entry. */
  readonly recovery?: string;
}

/** What a node keeps on its disks: the database, and the stream beside it. Everything a backup holds. */
export interface Disks {
  readonly database: Database;
  stream: Stream;
}

/** What services have made of one issuer's entries: all numbers, and the last. */
export interface AppliedEntries {
  readonly seqs: Set<number>;
  last: number;
}

export interface Database {
  readonly logs: Map<NodeId, HeldLog>;
  /** Every entry in the order in which it was stored. */
  readonly positions: { readonly issuer: NodeId; readonly seq: number }[];
  /** Where the node stands in its peers' streams. */
  readonly cursors: Map<string, { readonly epoch: number; readonly at: number }>;
  /** What members have asked to have logged and is not sealed yet. */
  drafts: Draft[];
  /** Positions handed over to the services, and what the services have made of them. */
  handed: number;
  readonly applied: Map<NodeId, AppliedEntries>;
  noticesRead: number;
  readonly proofs: Map<NodeId, readonly { readonly at: number; readonly proof: string }[]>;
  /** When the node was last signing; NEVER also where its log has come into doubt since. */
  aliveAt: number;
}

export interface Stream {
  readonly epoch: number;
  /** First place that is kept. */
  first: number;
  /** Entry i is that of position i + 1; null where it was kept no longer when the stream was made anew. */
  readonly entries: (HeldEntry | null)[];
}

/** Before the first moment. */
export const NEVER = -1;

export const newDisks = (): Disks => ({
  database: { logs: new Map(), positions: [], cursors: new Map(), drafts: [], handed: 0, applied: new Map(), noticesRead: 0, proofs: new Map(), aliveAt: NEVER },
  stream: newStream(1),
});

export const newStream = (epoch: number): Stream => ({ epoch, first: 1, entries: [] });

/** A backup: what is written later changes nothing in it. */
export function copyOf({ database, stream }: Disks): Disks {
  return {
    database: {
      ...database, positions: [...database.positions], cursors: new Map(database.cursors), drafts: [...database.drafts], proofs: new Map(database.proofs),
      logs: new Map([...database.logs].map(([issuer, log]) => [issuer, { ...log, entries: new Map(log.entries) }])),
      applied: new Map([...database.applied].map(([issuer, { seqs, last }]) => [issuer, { seqs: new Set(seqs), last }])),
    },
    stream: { ...stream, entries: [...stream.entries] },
  };
}
