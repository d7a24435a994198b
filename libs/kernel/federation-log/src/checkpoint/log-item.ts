import type { OpenedEntry } from '../entry/entry-parts.js';

/**
 * Topics whose entries are statements that later ones replace, so that a checkpoint may leave the replaced ones out.
 *
 * A message belongs on such a topic only where it says the whole of its type about its subject, `sub` names all that it
 * speaks of, and what the types of one subject say may be applied in any order. Entries of every other topic, known or
 * not, are kept for good.
 */
export const STATE_TOPICS: readonly string[] = ['graph'];

/** End of the types that take back everything said about a subject before. */
export const WITHDRAWAL_SUFFIX = '.withdrawn';

/** Topic and type of the entries that say what is live. */
export const CHECKPOINT_TOPIC = 'announce';
export const CHECKPOINT_TYPE = 'log.checkpoint';

/** What of an entry decides whether it is still live: columns of a stored log, no body. */
export interface LogItem {
  readonly seq: number;
  readonly hash: string;
  readonly topic: string;
  readonly type: string;
  readonly sub: string;
  /** Milliseconds since 1970. Read of checkpoints only. */
  readonly ts: number;
  /** Milliseconds since 1970; undefined where the entry does not expire. */
  readonly exp?: number | undefined;
}

/** The item of an entry. */
export const itemOf = ({ hash, payload: { seq, topic, type, sub, ts, exp } }: OpenedEntry): LogItem => ({ seq, hash, topic, type, sub, ts, exp });

/** True for an entry that says it is a checkpoint, whether it can be read as one or not. */
export const isCheckpointItem = ({ topic, type }: Pick<LogItem, 'topic' | 'type'>): boolean => topic === CHECKPOINT_TOPIC && type === CHECKPOINT_TYPE;
