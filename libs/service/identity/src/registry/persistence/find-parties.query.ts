import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { keyOfCursor, pageOfRows, type Page, type PageRequest } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { OwnNode } from '../../own-node/own-node.js';
import { CooperativeUnknownError, ParticipantUnknownError } from '../domain/registry.errors.js';

type CooperativeView = z.infer<typeof identity.cooperative>;
type ParticipantView = z.infer<typeof identity.participant>;

const DID = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

// $1 is this node's own id in each of them.
const COOPERATIVES = `
  SELECT c.cooperative_id AS "cooperativeId", c.name, c.place, c.home_node AS "homeNode", c.home_node = $1 AS "isLocal", p.made_at AS "joinedAt",
    CASE WHEN f.made_at IS NOT NULL THEN jsonb_build_object('description', f.description, 'place', f.place, 'capabilities', to_jsonb(f.capabilities),
      'units', to_jsonb(f.units), 'contact', f.contact, 'madeAt', f.made_at) END AS profile
  FROM cooperative c JOIN party p ON p.did = c.cooperative_id LEFT JOIN cooperative_profile f ON f.cooperative_id = c.cooperative_id`;
const PARTICIPANTS = `
  SELECT m.participant_id AS "participantId", m.handle, 'sep://' || m.handle || '@' || n.domain AS address, m.display_name AS "displayName",
    m.cooperative_id AS "cooperativeId", m.home_node AS "homeNode", m.home_node = $1 AS "isLocal", p.made_at AS "joinedAt"
  FROM participant m JOIN party p ON p.did = m.participant_id JOIN node n ON n.node_id = m.home_node`;

/** What the registry shows of cooperatives and participants. Listings are in the order of the ids. */
@Injectable()
export class FindParties {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode) {}

  /** @throws CooperativeUnknownError. */
  async cooperative(cooperativeId: string): Promise<CooperativeView> {
    const [cooperative] = await this.rows<CooperativeView>(`${COOPERATIVES} WHERE c.cooperative_id = $2`, cooperativeId);
    if (cooperative === undefined) throw new CooperativeUnknownError(cooperativeId);
    return cooperative;
  }

  async cooperatives({ limit, cursor }: PageRequest): Promise<Page<CooperativeView>> {
    const rows = await this.rows<CooperativeView>(
      `${COOPERATIVES} WHERE ($2::text IS NULL OR c.cooperative_id > $2) ORDER BY c.cooperative_id LIMIT $3`, keyOfCursor(cursor, DID), limit + 1,
    );
    return pageOfRows(rows, limit, (item) => item.cooperativeId);
  }

  /** Those of the cooperatives that are known. */
  async cooperativesOf(cooperativeIds: readonly string[]): Promise<CooperativeView[]> {
    if (cooperativeIds.length === 0) return [];
    return this.rows<CooperativeView>(`${COOPERATIVES} WHERE c.cooperative_id = ANY ($2) ORDER BY c.cooperative_id`, cooperativeIds);
  }

  /** @throws ParticipantUnknownError. */
  async participant(participantId: string): Promise<ParticipantView> {
    const [participant] = await this.rows<ParticipantView>(`${PARTICIPANTS} WHERE m.participant_id = $2`, participantId);
    if (participant === undefined) throw new ParticipantUnknownError(participantId);
    return participant;
  }

  /** Participants of all cooperatives, or of one. */
  async participants({ limit, cursor }: PageRequest, cooperativeId: string | undefined): Promise<Page<ParticipantView>> {
    const rows = await this.rows<ParticipantView>(
      `${PARTICIPANTS} WHERE ($2::text IS NULL OR m.participant_id > $2) AND ($4::text IS NULL OR m.cooperative_id = $4) ORDER BY m.participant_id LIMIT $3`,
      keyOfCursor(cursor, DID), limit + 1, cooperativeId ?? null,
    );
    return pageOfRows(rows, limit, (item) => item.participantId);
  }

  private async rows<Row>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, [this.own.nodeId, ...values]);
  }
}
