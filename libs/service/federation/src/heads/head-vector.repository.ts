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

const vectorOf = (rows: readonly Row[]): HeadVector => Object.fromEntries(rows.map(({ issuer, seq, hash }) => [issuer, [Number(seq), hash]]));

/** What this node holds of every log, and what each peer has last said that it holds. */
@Injectable()
export class HeadVectorRepository {
  constructor(private readonly dataSource: DataSource, private readonly unitOfWork: UnitOfWork) {}

  /** Heads held here of the issuers after one, in the order of their ids; `isLast` where no further one is held. */
  async page(after: string | null, headsMax: number): Promise<{ readonly heads: HeadVector; readonly last: NodeId | null; readonly isLast: boolean }> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT issuer, seq, hash FROM issuer_head WHERE $1::text IS NULL OR issuer COLLATE "C" > $1 ORDER BY issuer COLLATE "C" LIMIT $2`, [after, headsMax + 1],
    );
    const page = rows.slice(0, headsMax);
    return { heads: vectorOf(page), last: page.at(-1)?.issuer ?? null, isLast: rows.length <= headsMax };
  }

  /** Heads held here of those of the issuers that have not contradicted themselves; and who has. */
  async comparable(issuers: readonly string[]): Promise<{ readonly heads: HeadVector; readonly frozen: ReadonlySet<string> }> {
    const rows = await this.dataSource.query<(Row & { is_frozen: boolean })[]>(
      'SELECT issuer, seq, hash, agreed_up_to IS NOT NULL AS is_frozen FROM issuer_head WHERE issuer = ANY($1)', [issuers],
    );
    return { heads: vectorOf(rows.filter((row) => !row.is_frozen)), frozen: new Set(rows.filter((row) => row.is_frozen).map(({ issuer }) => issuer)) };
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
