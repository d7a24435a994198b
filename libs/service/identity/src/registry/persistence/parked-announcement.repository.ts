import { Injectable } from '@nestjs/common';
import type { DomainError } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';

/** An announcement of a party as the log brought it. */
export interface PartyAnnouncement {
  readonly issuer: string;
  readonly seq: number;
  readonly type: 'cooperative.announced' | 'participant.announced';
  /** Body of the entry. */
  readonly body: unknown;
}

interface ParkedRow extends Omit<PartyAnnouncement, 'seq'> { readonly seq: string }

const entryIdOf = ({ issuer, seq }: PartyAnnouncement): string => `${issuer}:${seq}`;

/** Announcements whose cause has not arrived. */
@Injectable()
export class ParkedAnnouncementRepository {
  /** Keeps an announcement until its cause arrives. @param waitsFor id of a node or did of a cooperative. */
  async park(announcement: PartyAnnouncement, waitsFor: string, tx: Transaction): Promise<void> {
    const { issuer, seq, type, body } = announcement;
    await tx.query(
      'INSERT INTO parked_announcement (entry_id, issuer, seq, type, waits_for, body) VALUES ($1, $2, $3, $4, $5, $6)',
      [entryIdOf(announcement), issuer, seq, type, waitsFor, JSON.stringify(body)],
    );
  }

  /** Takes out what waited for a cause, in order per issuer. */
  async takeWaitingFor(cause: string, tx: Transaction): Promise<PartyAnnouncement[]> {
    const rows = await tx.query<ParkedRow[]>(
      `WITH released AS (DELETE FROM parked_announcement WHERE waits_for = $1 RETURNING issuer, seq, type, body)
       SELECT issuer, seq, type, body FROM released ORDER BY issuer, seq`, [cause],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  /** Records that an announcement which had waited is refused, as the inbox records one that is refused at once. */
  async refuse(announcement: PartyAnnouncement, error: DomainError, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO refused_entry (entry_id, type, code, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [entryIdOf(announcement), announcement.type, error.code, error.message],
    );
  }
}
