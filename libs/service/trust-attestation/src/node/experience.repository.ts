import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { weighExperience, type Evidence } from './domain/credibility.js';

/** What a member of another node gave in one exchange, by its recipient's answer in millionths. */
export interface Experience {
  readonly nodeId: string;
  readonly chainId: string;
  readonly termsHash: string;
  readonly participantId: string;
  readonly actual: number;
  readonly endedAt: string;
}

/** The first place in a node's log where it agreed to take part in an exchange. */
export interface ChainAnswer {
  readonly nodeId: string;
  readonly chainId: string;
  readonly termsHash: string;
  readonly entrySeq: number;
}

/** Which experiences with a node are to be weighed: those of a chain, or those with a participant that an entry came before. */
export interface ExperienceScope {
  readonly nodeId: string;
  readonly chainId: string | null;
  readonly participantId: string | null;
  readonly answeredAfter: number;
}

interface ClaimedRow { readonly chain_id: string; readonly participant_id: string; readonly actual: number; readonly claimed: number | null }

/** Experiences with other nodes, each beside what the node had attested before it agreed to the exchange. */
@Injectable()
export class ExperienceRepository {
  /** Remembers an experience, without weight until it is weighed. A known one stays as it is. */
  async add({ nodeId, chainId, termsHash, participantId, actual, endedAt }: Experience, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO experience (node_id, chain_id, participant_id, terms_hash, actual, ended_at, agreement, disagreement) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)
       ON CONFLICT DO NOTHING`, [nodeId, chainId, participantId, termsHash, actual, endedAt],
    );
  }

  /** Remembers an answer. The first one counts. */
  async addAnswer({ nodeId, chainId, termsHash, entrySeq }: ChainAnswer, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO chain_answer (node_id, chain_id, terms_hash, entry_seq) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [nodeId, chainId, termsHash, entrySeq],
    );
  }

  /**
   * Weighs experiences by the last valid attestation that stands before the node's answer in its own log.
   *
   * The order of one log cannot be rewritten, so no clock and no order of arrival decides what was attested beforehand. An
   * experience whose answer has not come yet keeps no weight. Answers how many were weighed.
   */
  async weigh({ nodeId, chainId, participantId, answeredAfter }: ExperienceScope, tx: Transaction): Promise<number> {
    const rows = await tx.query<ClaimedRow[]>(
      `SELECT e.chain_id, e.participant_id, e.actual, latest.satisfaction AS claimed
       FROM experience e
       JOIN chain_answer w ON w.node_id = e.node_id AND w.chain_id = e.chain_id AND w.terms_hash = e.terms_hash
       LEFT JOIN LATERAL (
         SELECT a.satisfaction FROM attestation a
         WHERE a.participant_id = e.participant_id AND a.issuing_node = e.node_id AND a.entry_seq < w.entry_seq AND a.expires_at > e.ended_at
         ORDER BY a.entry_seq DESC LIMIT 1
       ) latest ON true
       WHERE e.node_id = $1 AND ($2::text IS NULL OR e.chain_id = $2) AND ($3::text IS NULL OR e.participant_id = $3) AND w.entry_seq > $4`,
      [nodeId, chainId, participantId, answeredAfter],
    );
    for (const { chain_id: chain, participant_id: participant, actual, claimed } of rows) {
      const { agreement, disagreement } = weighExperience(claimed, actual);
      await tx.query(
        'UPDATE experience SET claimed = $4, agreement = $5, disagreement = $6 WHERE node_id = $1 AND chain_id = $2 AND participant_id = $3',
        [nodeId, chain, participant, claimed, agreement, disagreement],
      );
    }
    return rows.length;
  }

  /** All evidence about a node and the number of experiences. O(experiences with the node). */
  async sum(nodeId: string, tx: Transaction): Promise<Evidence & { readonly experiences: number }> {
    const [row] = await tx.query<{ count: string; agreement: string | null; disagreement: string | null }[]>(
      'SELECT count(*) AS count, sum(agreement) AS agreement, sum(disagreement) AS disagreement FROM experience WHERE node_id = $1', [nodeId],
    );
    return { experiences: Number(row?.count ?? 0), agreement: Number(row?.agreement ?? 0), disagreement: Number(row?.disagreement ?? 0) };
  }
}
