import { Injectable } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { federation } from '@kula/contracts';
import { JetStreamConnection } from '@kula/platform-messaging';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { StreamCursor } from '../log/stream-cursor.js';
import { OwnNode } from '../own-node.js';
import { DRAFTS_STREAM } from '../sealing/seal-drafts.js';
import { LOG_STREAM } from '../streams/log-connection.js';

type Status = z.output<typeof federation.federationStatus>;

interface HeadRow { issuer: string; seq: string; hash: string; agreed_up_to: string | null }
interface LinkRow { peer: string; name: string; state: Status['links'][number]['state']; last_error: string | null; last_entry_at: Date | null; received: string; refused: string }
interface CountRow { fault: string | null; tail: string; set_aside: string }

/** The state of the log and its links, from what the database says: the same answer by every replica. */
@Injectable()
export class FederationStatusQuery {
  constructor(
    private readonly own: OwnNode, private readonly dataSource: DataSource, private readonly cursor: StreamCursor, private readonly jetstream: JetStreamConnection,
  ) {}

  async status(): Promise<Status> {
    const [heads, links, [counts], published, unsealed] = await Promise.all([
      this.dataSource.query<HeadRow[]>('SELECT issuer, seq, hash, agreed_up_to FROM issuer_head ORDER BY issuer COLLATE "C"'),
      this.dataSource.query<LinkRow[]>(
        `SELECT peer, name, state, last_error, last_entry_at, received, (SELECT coalesce(sum(count), 0) FROM refusal_count WHERE refusal_count.peer = link.peer) AS refused
         FROM link ORDER BY peer COLLATE "C"`,
      ),
      this.dataSource.query<CountRow[]>(
        `SELECT (SELECT reason FROM log_fault) AS fault, (SELECT coalesce(max(position), 0) FROM entry) AS tail, (SELECT count(*) FROM set_aside_draft) AS set_aside`,
      ),
      this.cursor.read(LOG_STREAM),
      this.unsealed(),
    ]);
    return {
      nodeId: this.own.nodeId, network: this.own.network, fault: counts?.fault ?? null, heads: heads.map(presentHead), links: links.map(presentLink),
      unsealed, setAside: Number(counts?.set_aside ?? 0), unpublished: Math.max(0, Number(counts?.tail ?? 0) - (published?.position ?? 0)),
    };
  }

  private async unsealed(): Promise<number> {
    const manager = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    const [{ created, state }, reached] = await Promise.all([manager.streams.info(DRAFTS_STREAM), this.cursor.read(DRAFTS_STREAM)]);
    if (reached?.epoch !== String(created)) return state.messages;
    return Math.max(0, state.last_seq - reached.streamSeq);
  }
}

const presentHead = (row: HeadRow): Status['heads'][number] =>
  ({ issuer: row.issuer, seq: Number(row.seq), hash: row.hash, agreedUpTo: row.agreed_up_to === null ? null : Number(row.agreed_up_to) });

const presentLink = (row: LinkRow): Status['links'][number] => ({
  peer: row.peer, name: row.name, state: row.state, lastError: row.last_error, lastEntryAt: row.last_entry_at?.toISOString() ?? null,
  received: Number(row.received), refused: Number(row.refused),
});
