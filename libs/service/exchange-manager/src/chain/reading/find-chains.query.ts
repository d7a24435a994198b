import { Injectable } from '@nestjs/common';
import type { Caller, exchange } from '@kula/contracts';
import { fromBase64url, toBase64url } from '@kula/kernel-crypto';
import { MalformedMessageError } from '@kula/platform-messaging';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { ChainUnknownError } from '../domain/chain.errors.js';
import type { Chain } from '../domain/chain.types.js';
import { chainView, type ChainView } from './chain.presenter.js';

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

  async chains({ limit, cursor, state }: ListRequest, caller: Caller | null): Promise<{ items: ChainView[]; nextCursor: string | null }> {
    const rows = await this.dataSource.query<{ replica: Chain; position: string }[]>(
      `SELECT replica, position FROM chain c
       WHERE ${VISIBLE} AND ($2::bigint IS NULL OR position < $2) AND ($3::text IS NULL OR state = $3) ORDER BY position DESC LIMIT $4`,
      [memberOf(caller), positionOf(cursor), state ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { items: page.map(({ replica }) => chainView(replica)), nextCursor: rows.length > limit && last !== undefined ? cursorOf(last.position) : null };
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

const cursorOf = (position: string): string => toBase64url(new TextEncoder().encode(position));

/** @throws MalformedMessageError on /cursor. */
function positionOf(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const position = new TextDecoder().decode(fromBase64url(cursor));
  if (!/^[1-9][0-9]{0,17}$/.test(position)) throw new MalformedMessageError([{ pointer: '/cursor', detail: 'must be a cursor of this listing' }]);
  return position;
}
