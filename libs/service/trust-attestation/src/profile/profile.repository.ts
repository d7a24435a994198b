import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { NEWCOMER } from './domain/assessment.js';
import { RULES_VERSION } from './domain/standing.js';
import type { TrustTier } from './domain/tiers.js';

/** What this node attested last: the hash of the claims, and when. */
export interface LastClaims { readonly hash: string; readonly at: Date }

/** A participant and what this node assumes of it. Standing in millionths. */
export interface Profile {
  readonly participantId: string;
  readonly homeNode: string;
  /** The moment of the participant's own statement, letter by letter. */
  readonly memberSince: string;
  readonly tier: TrustTier;
  readonly standing: number;
  /** Counts what was published about tier and standing; 0 before the first time. */
  readonly version: number;
  /** When time alone may change the assessment; null: never. */
  readonly reviewAt: Date | null;
  readonly lastClaims: LastClaims | null;
  /** Counts saved changes. */
  readonly revision: number;
}

interface Row {
  readonly participant_id: string;
  readonly home_node: string;
  readonly member_since: string;
  readonly tier: TrustTier;
  readonly standing: number;
  readonly version: number;
  readonly review_at: Date | null;
  readonly claims_hash: string | null;
  readonly claimed_at: Date | null;
  readonly revision: number;
}

const COLUMNS = 'participant_id, home_node, member_since, tier, standing, version, review_at, claims_hash, claimed_at, revision';

const toProfile = (row: Row): Profile => ({
  participantId: row.participant_id, homeNode: row.home_node, memberSince: row.member_since, tier: row.tier, standing: row.standing, version: row.version,
  reviewAt: row.review_at, lastClaims: row.claims_hash === null || row.claimed_at === null ? null : { hash: row.claims_hash, at: row.claimed_at }, revision: row.revision,
});

/** The participants that nodes have announced. Every save compares the revision that was read. */
@Injectable()
export class ProfileRepository {
  /** The profile, or undefined where no node has announced the participant. */
  async find(participantId: string, tx: Transaction): Promise<Profile | undefined> {
    const [row] = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM participant WHERE participant_id = $1`, [participantId]);
    return row && toProfile(row);
  }

  /** The node that announced a participant, or undefined. */
  async homeOf(participantId: string, tx: Transaction): Promise<string | undefined> {
    return (await this.find(participantId, tx))?.homeNode;
  }

  /** Adds a participant of whom nothing else is known. Fails on the key where it is there already. */
  async add({ participantId, homeNode, memberSince }: Pick<Profile, 'participantId' | 'homeNode' | 'memberSince'>, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO participant (participant_id, home_node, member_since, tier, standing, version, rules, revision) VALUES ($1, $2, $3, $4, $5, 0, $6, 1)',
      [participantId, homeNode, memberSince, NEWCOMER.tier, NEWCOMER.standing, RULES_VERSION],
    );
  }

  /** Saves an assessment by the present rules. @throws StaleWriteError where another writer came first. */
  async save({ participantId, tier, standing, version, reviewAt, lastClaims, revision }: Profile, tx: Transaction): Promise<void> {
    const [, affected] = await tx.query<[unknown, number]>(
      `UPDATE participant SET tier = $3, standing = $4, version = $5, review_at = $6, claims_hash = $7, claimed_at = $8, rules = $9, revision = revision + 1
       WHERE participant_id = $1 AND revision = $2`,
      [participantId, revision, tier, standing, version, reviewAt, lastClaims?.hash ?? null, lastClaims?.at ?? null, RULES_VERSION],
    );
    if (affected !== 1) throw new StaleWriteError(`participant ${participantId} changed after revision ${revision}`);
  }

  /** Participants whose time has come to be assessed again. At most 100. */
  async due(now: Date, tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ participant_id: string }[]>('SELECT participant_id FROM participant WHERE review_at <= $1 LIMIT 100', [now]);
    return rows.map((row) => row.participant_id);
  }

  /** Makes all whom a node has attested due. The revision rises, so that an assessment under way is made again. */
  async reviewAttested(homeNode: string, now: Date, tx: Transaction): Promise<void> {
    await tx.query(
      `UPDATE participant p SET review_at = $2, revision = revision + 1
       WHERE home_node = $1 AND EXISTS (SELECT 1 FROM attestation a WHERE a.participant_id = p.participant_id)`, [homeNode, now],
    );
  }

  /** Makes all due that were assessed by other rules than the present ones. */
  async reviewOtherRules(now: Date, tx: Transaction): Promise<void> {
    await tx.query('UPDATE participant SET review_at = $2, revision = revision + 1 WHERE rules <> $1', [RULES_VERSION, now]);
  }
}
