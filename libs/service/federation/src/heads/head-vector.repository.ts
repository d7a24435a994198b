import { Injectable } from '@nestjs/common';
import type { NodeId } from '@kula/kernel-crypto';
import type { Head, HeadVector } from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/** What a peer has said it holds of a log, and when. */
export interface SaidHead extends Head {
  readonly peer: string;
  readonly saidAt: Date;
}

interface Row { issuer: NodeId; seq: string; hash: string }

/** Heads as they are compared: of an issuer that has contradicted itself the last entry that is agreed, so that what lies below goes on being compared. */
const AGREED_HEAD = `
  SELECT issuer, coalesce(agreed.seq, head.seq) AS seq, coalesce(agreed.hash, head.hash) AS hash, head.agreed_up_to
  FROM issuer_head AS head LEFT JOIN LATERAL (SELECT seq, hash FROM entry WHERE entry.issuer = head.issuer AND entry.seq = head.agreed_up_to) AS agreed ON true`;

const vectorOf = (rows: readonly Row[]): HeadVector => Object.fromEntries(rows.map(({ issuer, seq, hash }) => [issuer, [Number(seq), hash]]));

/** What this node holds of every log, and what each peer has last said that it holds. */
@Injectable()
export class HeadVectorRepository {
  constructor(private readonly dataSource: DataSource, private readonly unitOfWork: UnitOfWork) {}

  /** Heads held here of the issuers after one, in the order of their ids; `isLast` where no further one is held. */
  async page(after: string | null, headsMax: number): Promise<{ readonly heads: HeadVector; readonly last: NodeId | null; readonly isLast: boolean }> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT issuer, seq, hash FROM (${AGREED_HEAD}) AS held WHERE $1::text IS NULL OR issuer COLLATE "C" > $1 ORDER BY issuer COLLATE "C" LIMIT $2`, [after, headsMax + 1],
    );
    const page = rows.slice(0, headsMax);
    return { heads: vectorOf(page), last: page.at(-1)?.issuer ?? null, isLast: rows.length <= headsMax };
  }

  /** Heads held here of some issuers; and up to which entry those that have contradicted themselves are agreed. */
  async comparable(issuers: readonly string[]): Promise<{ readonly heads: HeadVector; readonly agreedUpTo: ReadonlyMap<string, number> }> {
    const rows = await this.dataSource.query<(Row & { agreed_up_to: string | null })[]>(`SELECT issuer, seq, hash, agreed_up_to FROM (${AGREED_HEAD}) AS held WHERE issuer = ANY($1)`, [issuers]);
    const frozen = rows.filter((row) => row.agreed_up_to !== null);
    return { heads: vectorOf(rows), agreedUpTo: new Map(frozen.map((row) => [row.issuer, Number(row.agreed_up_to)])) };
  }

  /** Hashes held at the places that a vector names, by issuer; places that are not held are left out. */
  async heldAt(heads: HeadVector): Promise<Map<string, string>> {
    const places = Object.entries(heads);
    const rows = await this.dataSource.query<{ issuer: string; hash: string }[]>(
      'SELECT entry.issuer, entry.hash FROM unnest($1::text[], $2::bigint[]) AS place (issuer, seq) JOIN entry USING (issuer, seq)',
      [places.map(([issuer]) => issuer), places.map(([, [seq]]) => seq)],
    );
    return new Map(rows.map(({ issuer, hash }) => [issuer, hash]));
  }

  /** Puts what a peer says now in the place of what it said before. */
  async replace(peer: string, heads: HeadVector, saidAt: Date): Promise<void> {
    const said = Object.entries(heads);
    await this.unitOfWork.run(async (tx) => {
      await tx.query('DELETE FROM peer_head WHERE peer = $1', [peer]);
      await tx.query(
        'INSERT INTO peer_head (peer, issuer, seq, hash, said_at) SELECT $1, issuer, seq, hash, $5 FROM unnest($2::text[], $3::bigint[], $4::text[]) AS said (issuer, seq, hash)',
        [peer, said.map(([issuer]) => issuer), said.map(([, [seq]]) => seq), said.map(([, [, hash]]) => hash), saidAt],
      );
    });
  }

  /** What every peer has said that it holds of one log. Of this node's own log: its acknowledgements. */
  async saidOf(issuer: string): Promise<SaidHead[]> {
    const rows = await this.dataSource.query<{ peer: string; seq: string; hash: string; said_at: Date }[]>(
      'SELECT peer, seq, hash, said_at FROM peer_head WHERE issuer = $1 ORDER BY peer COLLATE "C"', [issuer],
    );
    return rows.map(({ peer, seq, hash, said_at: saidAt }) => ({ peer, seq: Number(seq), hash, saidAt }));
  }
}
