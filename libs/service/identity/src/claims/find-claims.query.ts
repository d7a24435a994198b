import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { keyOfCursor, pageOfRows, type Page, type PageRequest } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';

type ClaimView = z.infer<typeof identity.claim>;

interface ClaimRow extends Omit<ClaimView, 'entry' | 'sealedAt' | 'recordedAt'> {
  readonly position: string;
  readonly issuer: string;
  readonly seq: string;
  readonly hash: string;
  readonly sealedAt: Date;
  readonly recordedAt: Date;
}

const POSITION = /^[1-9][0-9]{0,17}$/;

/** What was claimed and refused, the latest first. */
@Injectable()
export class FindClaims {
  constructor(private readonly dataSource: DataSource) {}

  /** Claims of all nodes, or of one. */
  async claims({ limit, cursor }: PageRequest, issuer: string | undefined): Promise<Page<ClaimView>> {
    const rows = await this.dataSource.query<ClaimRow[]>(
      `SELECT position, what, name, claimed_by AS "claimedBy", issuer AS "claimedAt", held_by AS "heldBy", held_at AS "heldAt", refused_as AS "refusedAs",
         issuer, seq, entry_hash AS hash, sealed_at AS "sealedAt", recorded_at AS "recordedAt"
       FROM disputed_claim WHERE ($1::bigint IS NULL OR position < $1) AND ($2::text IS NULL OR issuer = $2) ORDER BY position DESC LIMIT $3`,
      [keyOfCursor(cursor, POSITION), issuer ?? null, limit + 1],
    );
    const { items, nextCursor } = pageOfRows(rows, limit, ({ position }) => position);
    return { items: items.map(presentClaim), nextCursor };
  }
}

const presentClaim = ({ position: _, issuer, seq, hash, sealedAt, recordedAt, ...row }: ClaimRow): ClaimView =>
  ({ ...row, entry: { issuer, seq: Number(seq), hash }, sealedAt: sealedAt.toISOString(), recordedAt: recordedAt.toISOString() });
