import { Injectable } from '@nestjs/common';
import type { Caller, exchange } from '@kula/contracts';
import { keyOfCursor, pageOfRows, type Page } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { ChainUnknownError } from '../domain/chain.errors.js';
import type { Chain } from '../domain/chain.types.js';
import { chainView, type ChainView } from './chain.presenter.js';

/** At most 18 digits: what a bigint of the database holds. */
const POSITION = /^[1-9][0-9]{0,17}$/;

type ListRequest = z.output<typeof exchange.listChains.input>;
type TimelineStep = z.input<typeof exchange.timelineStep>;

/** Participants see the chains they are members of; cooperatives and operators see all of this node. */
const VISIBLE = `($1::text IS NULL OR EXISTS (SELECT 1 FROM chain_member m WHERE m.chain_id = c.chain_id AND m.participant_id = $1))`;

/** What this node shows of its chains. Listings begin with the newest. */
@Injectable()
export class FindChains {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ChainUnknownError, also where the caller may not see the chain. */
  async chain(chainId: string, caller: Caller | null): Promise<ChainView> {
    const rows = await this.dataSource.query<{ replica: Chain }[]>(`SELECT replica FROM chain c WHERE chain_id = $2 AND ${VISIBLE}`, [memberOf(caller), chainId]);
    if (rows[0] === undefined) throw new ChainUnknownError(chainId);
    return chainView(rows[0].replica);
  }

  async chains({ limit, cursor, state }: ListRequest, caller: Caller | null): Promise<Page<ChainView>> {
    const rows = await this.dataSource.query<{ replica: Chain; position: string }[]>(
      `SELECT replica, position FROM chain c
       WHERE ${VISIBLE} AND ($2::bigint IS NULL OR position < $2) AND ($3::text IS NULL OR state = $3) ORDER BY position DESC LIMIT $4`,
      [memberOf(caller), keyOfCursor(cursor, POSITION), state ?? null, limit + 1],
    );
    const { items, nextCursor } = pageOfRows(rows, limit, ({ position }) => position);
    return { items: items.map(({ replica }) => chainView(replica)), nextCursor };
  }

  /** Every step in the order in which this node learned of it. @throws ChainUnknownError. */
  async timeline(chainId: string, caller: Caller | null): Promise<TimelineStep[]> {
    await this.chain(chainId, caller);
    const rows = await this.dataSource.query<(Omit<TimelineStep, 'at'> & { at: Date })[]>(
      `SELECT at, node, entry_id AS "entryId", step, sentence FROM chain_step WHERE chain_id = $1 ORDER BY ordinal`, [chainId],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }
}

/** Whose chains a caller is limited to, or null for all. Nobody at all is a member of nothing. */
const memberOf = (caller: Caller | null): string | null =>
  caller?.role === 'cooperative' || caller?.role === 'operator' ? null : caller?.did ?? '';
