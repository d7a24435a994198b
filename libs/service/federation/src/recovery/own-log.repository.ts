import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { OwnLogState } from './domain/own-log.transitions.js';

/** How this node stands with its own log, as the database has it for every replica. */
export interface OwnLogStanding {
  readonly state: OwnLogState;
  /** Milliseconds since this node last noted that it was signing; null where it never did, or where that was taken back. */
  readonly aliveMsAgo: number | null;
  /** First own entry that has come back, or may have, since marks were last made; null where none has. */
  readonly recoveredFrom: number | null;
  /** An operator has allowed to sign without waiting any longer. */
  readonly isAllowed: boolean;
}

interface Row { state: OwnLogState; alive_ms: string | null; recovered_from: string | null; is_allowed: boolean }

/** The one row that says how this node stands with its own log. */
@Injectable()
export class OwnLogRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The standing; one that has never been written reads as waiting. */
  async read(): Promise<OwnLogStanding> {
    const [row] = await this.dataSource.query<Row[]>(
      'SELECT state, extract(epoch FROM now() - alive_at) * 1000 AS alive_ms, recovered_from, allowed_at IS NOT NULL AS is_allowed FROM own_log_standing',
    );
    return {
      state: row?.state ?? 'waiting', aliveMsAgo: typeof row?.alive_ms === 'string' ? Number(row.alive_ms) : null,
      recoveredFrom: typeof row?.recovered_from === 'string' ? Number(row.recovered_from) : null, isAllowed: row?.is_allowed ?? false,
    };
  }

  /** Notes the state. What an operator has allowed is for the waiting it was given in. */
  async enter(state: OwnLogState): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO own_log_standing (state) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET
         since = CASE WHEN own_log_standing.state = excluded.state THEN own_log_standing.since ELSE now() END, state = excluded.state,
         allowed_at = CASE WHEN own_log_standing.state = 'waiting' AND excluded.state = 'waiting' THEN own_log_standing.allowed_at END`, [state],
    );
  }

  /** Notes that this node is up and signing. */
  async beat(): Promise<void> {
    await this.dataSource.query(`UPDATE own_log_standing SET alive_at = now() WHERE state = 'confirmed'`);
  }

  /** Takes back that this node was signing a moment ago: its next start has to ask. */
  async forgetBeat(): Promise<void> {
    await this.dataSource.query('UPDATE own_log_standing SET alive_at = NULL');
  }

  /** Notes, before they come, from where on own entries come back. */
  async beginRecovery(from: number): Promise<void> {
    await this.dataSource.query('UPDATE own_log_standing SET recovered_from = least(recovered_from, $1)', [from]);
  }

  /** Allows to sign without waiting any longer. Answers false where this node is not waiting. */
  async allow(reason: string): Promise<boolean> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE own_log_standing SET allowed_at = now(), allowed_reason = $1 WHERE state = 'waiting' RETURNING state`, [reason],
    );
    return rows.length > 0;
  }

  /** True where nothing keeps this node from signing. */
  async isSealing(): Promise<boolean> {
    const [row] = await this.dataSource.query<{ is_sealing: boolean }[]>(
      `SELECT EXISTS (SELECT FROM own_log_standing WHERE state = 'confirmed') AND NOT EXISTS (SELECT FROM sealing_hold) AS is_sealing`,
    );
    return row?.is_sealing ?? false;
  }
}
