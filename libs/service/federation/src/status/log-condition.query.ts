import { Injectable } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConnection } from '@kula/platform-messaging';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { StreamCursor } from '../log/stream-cursor.js';
import type { OwnLogState } from '../recovery/domain/own-log.transitions.js';
import { DRAFTS_STREAM } from '../sealing/seal-drafts.js';
import { LOG_STREAM } from '../streams/log-connection.js';

/** How this node stands with its log. */
export interface LogCondition {
  /** Why nothing is sealed, taken in or published; null where that is not so. */
  readonly fault: string | null;
  /** Why entries are not passed on to peers or services, in the server's words; null where they are. */
  readonly stalled: string | null;
  readonly sealing: { readonly isAllowed: boolean; readonly reason: string | null };
  readonly drafts: DraftBacklog;
  readonly setAside: number;
  /** Entries stored that the stream for peers does not have, and those that the services of the node were not given. */
  readonly unpublished: number;
  readonly notHandedOver: number;
}

/** Drafts that wait to be sealed. */
export interface DraftBacklog {
  readonly unsealed: number;
  readonly oldestSeconds: number;
}

interface Row { fault: string | null; stalled: string | null; state: OwnLogState | null; hold: string | null; tail: string; set_aside: string }

const HELD: Readonly<Record<Exclude<OwnLogState, 'confirmed'>, string>> = {
  waiting: 'it is not known yet whether peers hold more of this node\'s log',
  recovering: 'entries of this node\'s own log are being fetched back from peers',
  contradicted: 'this node has contradicted itself in its own log: an operator has to decide',
};

/** The state of the log, from what the database and the streams say: the same answer by every replica. */
@Injectable()
export class LogConditions {
  constructor(
    private readonly dataSource: DataSource, private readonly cursor: StreamCursor, private readonly jetstream: JetStreamConnection, private readonly clock: Clock,
  ) {}

  async read(): Promise<LogCondition> {
    const [[row], published, handedOver, drafts] = await Promise.all([
      this.dataSource.query<Row[]>(
        `SELECT (SELECT reason FROM log_fault) AS fault, (SELECT copy || ': ' || reason FROM stalled_copy ORDER BY since LIMIT 1) AS stalled, (SELECT state FROM own_log_standing) AS state,
           (SELECT reason FROM sealing_hold ORDER BY since LIMIT 1) AS hold, (SELECT coalesce(max(position), 0) FROM entry) AS tail, (SELECT count(*) FROM set_aside_draft) AS set_aside`,
      ),
      this.cursor.read(LOG_STREAM), this.cursor.read('FEDIN'), this.drafts(),
    ]);
    const { fault = null, stalled = null, tail = '0', set_aside: setAside = '0' } = row ?? {};
    const beyond = (place: { readonly position: number } | undefined) => Math.max(0, Number(tail) - (place?.position ?? 0));
    return { fault, stalled, sealing: sealingOf(row), drafts, setAside: Number(setAside), unpublished: beyond(published), notHandedOver: beyond(handedOver) };
  }

  private async drafts(): Promise<DraftBacklog> {
    const manager = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    const [{ created, state }, reached] = await Promise.all([manager.streams.info(DRAFTS_STREAM), this.cursor.read(DRAFTS_STREAM)]);
    const isSame = reached?.epoch === String(created);
    const unsealed = isSame ? Math.max(0, state.last_seq - reached.streamSeq) : state.messages;
    if (unsealed === 0) return { unsealed, oldestSeconds: 0 };
    const oldest = await manager.streams.getMessage(DRAFTS_STREAM, { seq: Math.max(state.first_seq, isSame ? reached.streamSeq + 1 : 1) });
    return { unsealed, oldestSeconds: oldest === null ? 0 : Math.max(0, Math.floor((this.clock.now().getTime() - oldest.time.getTime()) / 1_000)) };
  }
}

function sealingOf(row: Row | undefined): LogCondition['sealing'] {
  const state = row?.state ?? 'waiting';
  const reason = row?.fault ?? row?.hold ?? (state === 'confirmed' ? null : HELD[state]);
  return { isAllowed: reason === null, reason };
}
