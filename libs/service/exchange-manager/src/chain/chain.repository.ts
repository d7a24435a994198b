import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import type { Chain, Step } from './domain/chain.types.js';
import { homeNodesOf, membersOf } from './domain/terms.js';
import { sentenceOf, stepName } from './reading/narration.js';

/** A replica as it was read, with the version that saving compares. */
export interface StoredChain { readonly chain: Chain; readonly version: number }

/** What a search for overdue chains is measured by. */
export interface DueRequest { readonly nodeId: string; readonly now: string; readonly leaseEdge: string; readonly limit: number }

/** Replicas and their timelines. */
@Injectable()
export class ChainRepository {
  /** The replica, locked until the transaction ends: what a chain says leaves in the order in which it was decided. */
  async lock(chainId: string, tx: Transaction): Promise<StoredChain | null> {
    const rows = await tx.query<{ replica: Chain; version: number }[]>('SELECT replica, version FROM chain WHERE chain_id = $1 FOR UPDATE', [chainId]);
    return rows[0] === undefined ? null : { chain: rows[0].replica, version: rows[0].version };
  }

  /** Writes the next replica over the one that was read, or the first. @throws StaleWriteError where another writer came first. */
  async save(before: StoredChain | null, chain: Chain, tx: Transaction): Promise<void> {
    if (before === null) await this.insert(chain, tx);
    else await this.update(before.version, chain, tx);
  }

  /** Adds steps that are new, and gives known ones of this node their place in its log. */
  async addSteps(chain: Chain, steps: readonly Step[], { at, tx }: { readonly at: string; readonly tx: Transaction }): Promise<void> {
    for (const step of steps) {
      const { node, entryId, subject, happening } = step;
      const termsHash = 'termsHash' in happening ? happening.termsHash : chain.termsHash;
      await tx.query(
        `INSERT INTO chain_step (chain_id, terms_hash, step, subject, at, node, entry_id, sentence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (chain_id, step, subject) DO UPDATE SET entry_id = EXCLUDED.entry_id WHERE chain_step.entry_id IS NULL`,
        [chain.chainId, termsHash, stepName(happening), subject, at, node, entryId, sentenceOf(step, chain.terms)],
      );
    }
  }

  /** Undecided chains in which time has something to do on this node: to abort as coordinator, or to give a lease back. */
  async findDue({ nodeId, now, leaseEdge, limit }: DueRequest, tx: Transaction): Promise<readonly string[]> {
    const rows = await tx.query<{ chain_id: string }[]>(
      `SELECT chain_id FROM chain
       WHERE decision IS NULL AND consent_deadline <= $2
         AND (proposing_node = $1 AND (certified_count = 0 OR consent_deadline <= $3)
           OR lease = 'reserved' AND state <> 'held' AND consent_deadline <= $3)
       ORDER BY consent_deadline, chain_id LIMIT $4`,
      [nodeId, now, leaseEdge, limit],
    );
    return rows.map((row) => row.chain_id);
  }

  private async insert(chain: Chain, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO chain (chain_id, version, state, decision, lease, certified_count, held_count, replica,
         proposing_node, terms_hash, consent_deadline, member_count, home_node_count)
       VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [...changing(chain), chain.proposingNode, chain.termsHash, chain.terms.proposed_timeline.consent_deadline,
        membersOf(chain.terms).length, homeNodesOf(chain.terms).length],
    );
    await tx.query(
      'INSERT INTO chain_member (chain_id, participant_id) SELECT $1, unnest($2::text[])',
      [chain.chainId, membersOf(chain.terms).map(({ participantId }) => participantId)],
    );
  }

  private async update(version: number, chain: Chain, tx: Transaction): Promise<void> {
    const [, affected] = await tx.query<[unknown[], number]>(
      `UPDATE chain SET version = version + 1, state = $2, decision = $3, lease = $4, certified_count = $5, held_count = $6, replica = $7
       WHERE chain_id = $1 AND version = $8`,
      [...changing(chain), version],
    );
    if (affected !== 1) throw new StaleWriteError(`chain ${chain.chainId} has changed since version ${version}`);
  }
}

/** $1 to $7: the id and the columns that change. The columns repeat parts of the replica, so that the database can hold its constraints. */
const changing = (chain: Chain): unknown[] => [
  chain.chainId, chain.state, chain.decision?.outcome ?? null, chain.lease, chain.certificate?.length ?? 0,
  chain.acknowledgements.filter(({ status }) => status === 'held').length, JSON.stringify(chain),
];
