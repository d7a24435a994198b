import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import { keyOfCursor, pageOfRows, type Page, type PageRequest } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { OwnNode } from '../../own-node.js';
import { CooperativeUnknownError, ParticipantUnknownError } from '../domain/registry.errors.js';

type NodeView = z.infer<typeof identity.node>;
type CooperativeView = z.infer<typeof identity.cooperative>;
type ParticipantView = z.infer<typeof identity.participant>;

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;
const DID = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

// $1 is this node's own id in each of them.
const NODES = `
  SELECT node_id AS "nodeId", name, domain, gateway_url AS "gatewayUrl", operator_id AS "operatorId", node_id = $1 AS "isSelf" FROM node`;
const COOPERATIVES = `
  SELECT c.cooperative_id AS "cooperativeId", c.name, c.place, c.home_node AS "homeNode", c.home_node = $1 AS "isLocal", p.made_at AS "joinedAt"
  FROM cooperative c JOIN party p ON p.did = c.cooperative_id`;
const PARTICIPANTS = `
  SELECT m.participant_id AS "participantId", m.handle, 'sep://' || m.handle || '@' || n.domain AS address, m.display_name AS "displayName",
    m.cooperative_id AS "cooperativeId", m.home_node AS "homeNode", m.home_node = $1 AS "isLocal", p.made_at AS "joinedAt"
  FROM participant m JOIN party p ON p.did = m.participant_id JOIN node n ON n.node_id = m.home_node`;

/** What the registry shows. Listings are in the order of the ids. */
@Injectable()
export class FindParties {
  constructor(private readonly dataSource: DataSource, private readonly own: OwnNode) {}

  /** This node. */
  async ownNode(): Promise<NodeView> {
    const [node] = await this.rows<NodeView>(`${NODES} WHERE node_id = $1`);
    invariant(node !== undefined, 'this node is in its own registry');
    return node;
  }

  async nodes({ limit, cursor }: PageRequest): Promise<Page<NodeView>> {
    const rows = await this.rows<NodeView>(`${NODES} WHERE ($2::text IS NULL OR node_id > $2) ORDER BY node_id LIMIT $3`, keyOfCursor(cursor, NODE_ID), limit + 1);
    return pageOfRows(rows, limit, (item) => item.nodeId);
  }

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

  private async rows<Row>(sql: string, ...values: readonly (string | number | null)[]): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, [this.own.nodeId, ...values]);
  }
}
