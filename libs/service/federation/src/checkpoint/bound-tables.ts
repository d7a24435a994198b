import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Drafts set aside that are kept, the latest: many times what is read again of their stream. */
const SET_ASIDE_MAX = 10_000;

/** What others could make grow without an end, each with its bound. The list of all tables is in docs/operating-log.md. */
const BOUNDS: readonly string[] = [
  `DELETE FROM set_aside_draft WHERE (set_aside_at, message_id) <
     (SELECT set_aside_at, message_id FROM set_aside_draft ORDER BY set_aside_at DESC, message_id DESC OFFSET ${SET_ASIDE_MAX - 1} LIMIT 1)`,
  `DELETE FROM peer_head WHERE said_at < now() - interval '90 days'`,
  `DELETE FROM awaited_proof WHERE since < now() - interval '30 days'`,
  `DELETE FROM outbox_message WHERE published_at < now() - interval '30 days'`,
  `DELETE FROM forgotten_draft WHERE forgotten_at < now() - interval '90 days'`,
];

/** Deletes what is beyond the bounds of the lesser tables. */
@Injectable()
export class BoundTables {
  constructor(private readonly dataSource: DataSource) {}

  async handle(): Promise<void> {
    for (const bound of BOUNDS) await this.dataSource.query(bound);
  }
}
