import { fromBase64url, hashBytes } from '@kula/kernel-crypto';
import { readStrictJson } from '../audit/strict-json.js';

/** Why a checkpoint is not true of a log. */
export type CheckpointFault = 'malformed_entry' | 'incomplete_log' | 'not_a_checkpoint' | 'wrong_count' | 'wrong_digest';

/** Result of an audit. */
export type CheckpointAudit =
  /** `live`: sequence numbers of the entries it covers. */
  | { readonly isSound: true; readonly live: readonly number[] }
  | { readonly isSound: false; readonly fault: CheckpointFault };

/**
 * Audits a checkpoint against the whole log before it, from entry 1. That both are one chain of their issuer is for verifyChain to find.
 *
 * Written apart from the code that makes and adopts checkpoints: it states the rules of docs/protocol/federation-log.md
 * anew, one entry against every other. O(entries²): for tests, and for people who look into a dispute. Log and checkpoint
 * are all it needs, so whoever is told of a wrong checkpoint can see for himself.
 */
export function auditCheckpoint(entries: readonly string[], checkpoint: string): CheckpointAudit {
  const log = entries.map(claimsOf);
  const last = claimsOf(checkpoint);
  if (last === undefined || !log.every((claims) => claims !== undefined)) return { isSound: false, fault: 'malformed_entry' };
  if (log.some(({ seq }, index) => seq !== index + 1) || log.length !== last.seq - 1) return { isSound: false, fault: 'incomplete_log' };
  if (!isCheckpoint(last) || last.sub !== last.iss || log.length === 0) return { isSound: false, fault: 'not_a_checkpoint' };
  const live = liveByTheRules(log, last.ts);
  if (last.body['live_count'] !== live.length) return { isSound: false, fault: 'wrong_count' };
  const digest = hashBytes(new TextEncoder().encode(live.reduce((text, { hash }) => `${text}${hash}\n`, '')));
  if (last.body['live_hash'] !== digest) return { isSound: false, fault: 'wrong_digest' };
  return { isSound: true, live: live.map(({ seq }) => seq) };
}

/** What the rules read of an entry. */
export interface StatedItem {
  readonly seq: number;
  readonly topic: string;
  readonly type: string;
  readonly sub: string;
  readonly ts: number;
  readonly exp?: number | undefined;
}

const isCheckpoint = ({ topic, type }: StatedItem): boolean => topic === 'announce' && type === 'log.checkpoint';

/** The items that the rules leave, each held against all others. */
export function liveByTheRules<Item extends StatedItem>(items: readonly Item[], ts: number): Item[] {
  return items.filter((item) => {
    if (isCheckpoint(item)) return !items.some((other) => outdates(other, item));
    return item.topic !== 'graph' || !(hasExpired(item, items, ts) || items.some((other) => ends(other, item)));
  });
}

const outdates = (other: StatedItem, item: StatedItem): boolean =>
  isCheckpoint(other) && (other.ts > item.ts || (other.ts === item.ts && other.seq > item.seq));

const ends = (other: StatedItem, item: StatedItem): boolean =>
  other.seq > item.seq && other.topic === item.topic && other.sub === item.sub && (other.type === item.type || /\.withdrawn$/.test(other.type));

const hasExpired = (item: StatedItem, items: readonly StatedItem[], ts: number): boolean =>
  item.exp !== undefined && [ts, ...items.filter(isCheckpoint).map((other) => other.ts)].some((time) => time > item.exp!);

interface Claims extends StatedItem {
  readonly hash: string;
  readonly iss: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const KINDS: Readonly<Record<string, string>> = { iss: 'string', seq: 'number', topic: 'string', type: 'string', sub: 'string', ts: 'number', body: 'object' };

function claimsOf(jws: string): Claims | undefined {
  const bytes = fromBase64url(jws.split('.')[1] ?? '');
  const payload = bytes && readStrictJson(bytes);
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined;
  const members = new Map<string, unknown>(Object.entries(payload));
  if (Object.entries(KINDS).some(([name, kind]) => typeof members.get(name) !== kind || members.get(name) === null)) return undefined;
  return { ...payload as unknown as Omit<Claims, 'hash'>, hash: hashBytes(new TextEncoder().encode(jws)) };
}
