import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { keyOfCursor, pageOfRows, type Page } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { FindParties } from '../registry/persistence/find-parties.query.js';
import { FindNodes } from '../registry/persistence/find-nodes.query.js';
import { rangesOf, type TermRange } from './domain/search-terms.js';

type Search = z.output<typeof identity.searchRegistry.input>;
type Hit = z.output<typeof identity.searchRegistry.output>['items'][number];
type Kind = Hit['kind'];

/** Something found: its key is `<kind>:<id>`, and keys are in the order of the answer. */
interface Found { readonly kind: Kind; readonly id: string }

const KEY = /^(?:cooperative:did:key:|node:)z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

const SOURCES = {
  cooperative: { from: 'cooperative', id: 'cooperative_id', owns: () => 't.party_id = s.cooperative_id' },
  // Its name is its own; what else is asked of a node, its cooperatives have.
  node: { from: 'node', id: 'node_id', owns: (field: TermRange['field']) => `t.node_id = s.node_id AND t.party_id ${field === 'name' ? '=' : '<>'} ''` },
} as const;

/**
 * The search over the registry.
 *
 * Cooperatives, then nodes, in the order of their ids. Each condition is one probe of an index per candidate, or the other way round where the words
 * are rare, as the database chooses: the cost grows with what the rarest condition matches, at worst with the size of the registry. At most 18
 * conditions, two questions, one page.
 */
@Injectable()
export class FindRegistry {
  constructor(private readonly dataSource: DataSource, private readonly parties: FindParties, private readonly nodes: FindNodes) {}

  async search({ limit, cursor, kind, ...asked }: Search): Promise<Page<Hit>> {
    const [after, ranges] = [keyOfCursor(cursor, KEY), rangesOf(asked)];
    const found: Found[] = [];
    for (const each of ['cooperative', 'node'] as const) {
      if ((kind ?? each) !== each || found.length > limit || isPast(each, after)) continue;
      found.push(...await this.matching(each, ranges, { after: idAfter(each, after), limit: limit + 1 - found.length }));
    }
    const { items, nextCursor } = pageOfRows(found, limit, ({ kind: ofKind, id }) => `${ofKind}:${id}`);
    return { items: await this.shown(items), nextCursor };
  }

  private async matching(kind: Kind, ranges: readonly TermRange[], { after, limit }: { readonly after: string | null; readonly limit: number }): Promise<Found[]> {
    const { from, id, owns } = SOURCES[kind];
    const conditions = ranges.map(({ field }, index) =>
      `AND EXISTS (SELECT 1 FROM registry_term t WHERE ${owns(field)} AND t.field = $${3 * index + 3} AND t.term BETWEEN $${3 * index + 4} AND $${3 * index + 5})`);
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT s.${id} AS id FROM ${from} s WHERE ($1::text IS NULL OR s.${id} > $1) ${conditions.join(' ')} ORDER BY s.${id} LIMIT $2`,
      [after, limit, ...ranges.flatMap((range) => [range.field, range.from, range.to])],
    );
    return rows.map((row) => ({ kind, id: row.id }));
  }

  private async shown(found: readonly Found[]): Promise<Hit[]> {
    const idsOf = (kind: Kind) => found.filter((hit) => hit.kind === kind).map(({ id }) => id);
    const [cooperatives, nodes] = await Promise.all([this.parties.cooperativesOf(idsOf('cooperative')), this.nodes.nodesOf(idsOf('node'))]);
    return [
      ...cooperatives.map((cooperative): Hit => ({ kind: 'cooperative', cooperative, node: null })),
      ...nodes.map((node): Hit => ({ kind: 'node', node, cooperative: null })),
    ];
  }
}

/** True where a page that begins after the key has nothing of the kind. */
const isPast = (kind: Kind, after: string | null): boolean => kind === 'cooperative' && (after?.startsWith('node:') ?? false);

const idAfter = (kind: Kind, after: string | null): string | null => (after?.startsWith(`${kind}:`) ? after.slice(kind.length + 1) : null);
