import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OwnNode } from '../own-node.js';
import type { Terms } from './domain/terms-to-ask.js';

/** Terms of either sort that are read: more than four questions can carry. */
const TERMS_READ_MAX = 400;

interface Row { readonly kind: 'offering' | 'need'; readonly capability: string }

/** Reads what could be of use to this node. */
@Injectable()
export class FindTerms {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode) {}

  /** Terms of the listings that could take part in a ring, those of this node first. What stays at home is not asked for: the question would tell it. */
  async usable(nowMs: number): Promise<Terms> {
    const rows = await this.dataSource.query<Row[]>(
      `WITH known AS (
         SELECT kind, capability, home_node FROM listing
         WHERE state = 'open' AND free > 0 AND available_until_ms > $1 AND visibility <> 'node'
         UNION ALL
         SELECT kind, capability, home_node FROM listing_summary
         WHERE state = 'open' AND free > 0 AND available_until_ms > $1 AND valid_until_ms IS NULL
       ), term AS (
         SELECT kind, capability, bool_or(home_node = $2) AS is_own FROM known GROUP BY kind, capability
       ), ranked AS (
         SELECT *, row_number() OVER (PARTITION BY kind ORDER BY is_own DESC, capability COLLATE "C") AS place FROM term
       )
       SELECT kind, capability FROM ranked WHERE place <= $3 ORDER BY kind, place`, [nowMs, this.own.nodeId, TERMS_READ_MAX],
    );
    const termsOf = (sort: Row['kind']): string[] => rows.filter(({ kind }) => kind === sort).map(({ capability }) => capability);
    return { gives: termsOf('offering'), seeks: termsOf('need') };
  }
}
