import { Injectable } from '@nestjs/common';
import type { EquivocationProof } from '@kula/kernel-federation-log';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/** A proven contradiction and what was decided about it. */
export interface KeptEquivocation {
  readonly issuer: string;
  readonly at: number;
  readonly proof: EquivocationProof;
  readonly shownBy: string;
  readonly foundAt: Date;
  readonly state: 'frozen' | 'released';
  /** Hash of the branch that people decided for; null while they have not, or where neither branch was held. */
  readonly kept: string | null;
  readonly reason: string | null;
}

/** A proof to be kept. */
export interface FoundEquivocation {
  readonly proof: EquivocationProof;
  /** Lowest entry that the proof is about. */
  readonly at: number;
  readonly shownBy: string;
  /** True where this node has found it itself, and is to tell others. */
  readonly isFoundHere: boolean;
}

interface Row {
  issuer: string; at: string; proof: EquivocationProof; shown_by: string; found_at: Date; state: KeptEquivocation['state']; kept: string | null; reason: string | null;
}

const COLUMNS = 'issuer, at, proof, shown_by, found_at, state, kept, reason';
const FROZEN_BELOW = `SELECT issuer, min(at) - 1 AS agreed FROM equivocation WHERE state = 'frozen' GROUP BY issuer`;

const keptEquivocation = ({ shown_by: shownBy, found_at: foundAt, ...row }: Row): KeptEquivocation => ({ ...row, at: Number(row.at), shownBy, foundAt });

/** Proofs that issuers have contradicted themselves. */
@Injectable()
export class EquivocationRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Keeps a proof, and freezes its issuer below the lowest entry that any undecided proof is about.
   *
   * One that was kept before changes nothing, also where people have decided about it.
   */
  async keep({ proof, at, shownBy, isFoundHere }: FoundEquivocation, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO equivocation (issuer, at, proof, shown_by, is_found_here) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
      [proof.iss, at, JSON.stringify(proof), shownBy, isFoundHere],
    );
    await this.applyTo(proof.iss, tx);
  }

  /** Freezes issuers that were proven to contradict themselves before this node held anything of them. */
  async applyToNewIssuers(): Promise<void> {
    await this.dataSource.query(
      `UPDATE issuer_head SET agreed_up_to = frozen.agreed FROM (${FROZEN_BELOW}) AS frozen WHERE frozen.issuer = issuer_head.issuer AND agreed_up_to IS NULL`,
    );
  }

  /** Lowest entry of an issuer that is proven to be two and not decided about. */
  async frozenAt(issuer: string): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ at: string | null }[]>(`SELECT min(at) AS at FROM equivocation WHERE issuer = $1 AND state = 'frozen'`, [issuer]);
    return typeof row?.at === 'string' ? Number(row.at) : undefined;
  }

  /** The proof about the lowest entry of an issuer. */
  async lowestProof(issuer: string): Promise<EquivocationProof | undefined> {
    const [row] = await this.dataSource.query<Pick<Row, 'proof'>[]>('SELECT proof FROM equivocation WHERE issuer = $1 ORDER BY at LIMIT 1', [issuer]);
    return row?.proof;
  }

  /** Everything proven of an issuer, lowest entry first; locked until the transaction ends. */
  async allOf(issuer: string, tx: Transaction): Promise<KeptEquivocation[]> {
    const rows = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM equivocation WHERE issuer = $1 ORDER BY at FOR UPDATE`, [issuer]);
    return rows.map(keptEquivocation);
  }

  /** A page in the order of issuers and entries, after one of them. */
  async page(after: { readonly issuer: string; readonly at: number } | null, limit: number): Promise<KeptEquivocation[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM equivocation WHERE (issuer COLLATE "C", at) > ($1, $2) ORDER BY issuer COLLATE "C", at LIMIT $3`, [after?.issuer ?? '', after?.at ?? 0, limit],
    );
    return rows.map(keptEquivocation);
  }

  /** Proofs that this node has found about others and not told yet, oldest first. */
  async untold(ownNodeId: string, limit: number): Promise<KeptEquivocation[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM equivocation WHERE is_found_here AND drafted_at IS NULL AND issuer <> $1 ORDER BY found_at, issuer, at LIMIT $2`, [ownNodeId, limit],
    );
    return rows.map(keptEquivocation);
  }

  /** Notes that a proof is told. Answers false where somebody else has done so. */
  async markTold(issuer: string, at: number, tx: Transaction): Promise<boolean> {
    const [rows] = await tx.query<[unknown[], number]>(
      'UPDATE equivocation SET drafted_at = now() WHERE issuer = $1 AND at = $2 AND drafted_at IS NULL RETURNING at', [issuer, at],
    );
    return rows.length > 0;
  }

  /** Notes what people have decided about everything proven of an issuer, and takes its log again. Hashes that were kept come by entry. */
  async release(issuer: string, kept: ReadonlyMap<number, string>, reason: string, tx: Transaction): Promise<void> {
    await tx.query(
      `UPDATE equivocation SET state = 'released', released_at = now(), reason = $2, kept = held.hash
       FROM unnest($3::bigint[], $4::text[]) AS held (at, hash) WHERE issuer = $1 AND state = 'frozen' AND held.at = equivocation.at`,
      [issuer, reason, [...kept.keys()], [...kept.values()]],
    );
    await tx.query(`UPDATE equivocation SET state = 'released', released_at = now(), reason = $2 WHERE issuer = $1 AND state = 'frozen'`, [issuer, reason]);
    await tx.query('UPDATE issuer_head SET agreed_up_to = NULL WHERE issuer = $1', [issuer]);
  }

  private async applyTo(issuer: string, tx: Transaction): Promise<void> {
    await tx.query(`UPDATE issuer_head SET agreed_up_to = frozen.agreed FROM (${FROZEN_BELOW}) AS frozen WHERE frozen.issuer = $1 AND issuer_head.issuer = $1`, [issuer]);
  }
}
