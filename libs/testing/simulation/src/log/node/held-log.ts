import { firstSchedule, type Head, type KeySchedule, type LogItem, type OpenedEntry } from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import type { NodeId } from '@kula/kernel-crypto';

/** An entry as a node keeps it. Never changed. */
export interface HeldEntry extends LogItem {
  readonly jws: string;
  readonly issuer: NodeId;
  /** Hash of the entry before it. */
  readonly prev: string;
  /** Draft it was sealed from, as far as its body says. */
  readonly draft: string | undefined;
  /** Proof that a notice carries. */
  readonly proof: string | undefined;
}

/** What a node keeps of one issuer. */
export interface HeldLog {
  readonly entries: Map<number, HeldEntry>;
  head: Head | undefined;
  schedule: KeySchedule;
  /** Last entry agreed before the issuer contradicted itself. */
  agreedUpTo: number | undefined;
}

export function emptyLog(issuer: NodeId): HeldLog {
  const schedule = firstSchedule(issuer);
  invariant(schedule !== undefined, 'a node id is a key');
  return { entries: new Map(), head: undefined, schedule, agreedUpTo: undefined };
}

export function heldEntry({ jws, hash, payload }: OpenedEntry): HeldEntry {
  const { iss: issuer, seq, prev, topic, type, sub, ts, exp, body } = payload;
  const draft = typeof body['draft'] === 'string' ? body['draft'] : undefined;
  const proof = type === 'equivocation.proven' && typeof body['proof'] === 'object' ? JSON.stringify(body['proof']) : undefined;
  return { jws, hash, issuer, seq, prev, topic, type, sub, ts, exp, draft, proof };
}

/** The entries held, in order. */
export const inOrder = ({ entries }: HeldLog): HeldEntry[] => [...entries.values()].sort((left, right) => left.seq - right.seq);

/** The newest checkpoint held. */
export function latestCheckpoint({ entries }: HeldLog): HeldEntry | undefined {
  let latest: HeldEntry | undefined;
  for (const entry of entries.values()) if (entry.type === 'log.checkpoint' && entry.seq > (latest?.seq ?? 0)) latest = entry;
  return latest;
}
