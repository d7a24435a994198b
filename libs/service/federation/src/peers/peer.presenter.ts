import type { federation } from '@kula/contracts';
import type { z } from 'zod';
import type { PeerRecord } from './domain/peer.js';
import type { PeerRow } from './peer.repository.js';

export type PeerView = z.output<typeof federation.peer>;
type LinkPart = PeerView['link'];

/** A peer with what is known of its link and of what is owed to it. */
export interface PeerViewRow extends PeerRow {
  readonly link_state: LinkPart['state'] | null;
  readonly since: Date | null;
  readonly attempts: number | null;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly connections: number | null;
  readonly received: string | null;
  readonly refused: string;
  readonly owed_attempts: number;
  readonly owed_next_at: Date | null;
  readonly owed_error: string | null;
  readonly owed_error_at: Date | null;
  /** Head of the peer's log, as it says; head of it held here. */
  readonly their_head: string | null;
  readonly held_head: string | null;
  /** Last entry of our log the peer says it holds; our head; when the next one after it was sealed, in milliseconds. */
  readonly delivered_head: string | null;
  readonly own_head: string | null;
  readonly lacking_ts: string | null;
}

const instantOf = (at: Date | null): string | null => at?.toISOString() ?? null;

/** While the two are still agreeing, what goes wrong is the delivery of statements; afterwards it is the connection. */
function linkOf(row: PeerViewRow): LinkPart {
  const isTalking = row.owes !== null && (row.owed_error !== null || row.link_state === null || row.link_state === 'stopped');
  const trouble = isTalking
    ? { attempts: row.owed_attempts, lastError: row.owed_error, lastErrorAt: instantOf(row.owed_error_at), nextAttemptAt: instantOf(row.owed_next_at) }
    : { attempts: row.attempts ?? 0, lastError: row.last_error, lastErrorAt: instantOf(row.last_error_at), nextAttemptAt: instantOf(row.next_attempt_at) };
  return { state: row.link_state ?? 'stopped', since: instantOf(row.since), ...trouble, reconnects: Math.max(0, (row.connections ?? 0) - 1) };
}

const isEncrypted = ({ natsUrl, tlsCa, declared }: PeerRecord): boolean => natsUrl !== null && (natsUrl.startsWith('tls:') || tlsCa !== null || declared?.tls !== undefined);

const lacking = (head: number | null, held: number): number | null => (head === null ? null : Math.max(0, head - held));

/** When the entries that are not here were sealed is not known here: an age is given only where nothing is missing. */
function behindOf({ their_head, held_head }: PeerViewRow): PeerView['behind'] {
  const entries = lacking(their_head === null ? null : Number(their_head), Number(held_head ?? 0));
  return { entries, seconds: entries === 0 ? 0 : null };
}

function deliveredOf({ delivered_head, own_head, lacking_ts }: PeerViewRow, now: Date): PeerView['delivered'] {
  if (delivered_head === null) return { upTo: null, missing: null, seconds: null };
  const missing = lacking(Number(own_head ?? 0), Number(delivered_head));
  const ageOf = (ts: string): number => Math.max(0, Math.floor((now.getTime() - Number(ts)) / 1_000));
  return { upTo: Number(delivered_head), missing, seconds: missing === 0 ? 0 : lacking_ts === null ? null : ageOf(lacking_ts) };
}

/** A peer as an operator sees it. No secret is in it. */
export function presentPeer(peer: PeerRecord, row: PeerViewRow, now: Date): PeerView {
  const { nodeId, name, state, gatewayUrl, natsUrl, view, reason, changedAt, addedAt } = peer;
  return {
    nodeId, name, state, gatewayUrl, natsUrl, view, isEncrypted: isEncrypted(peer), reason, changedAt: changedAt.toISOString(), addedAt: addedAt.toISOString(),
    link: linkOf(row), behind: behindOf(row), delivered: deliveredOf(row, now), received: Number(row.received ?? 0), refused: Number(row.refused),
  };
}
