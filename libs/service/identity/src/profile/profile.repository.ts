import { Injectable } from '@nestjs/common';
import { invariant } from '@kula/kernel-primitives';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { cooperativeTerms } from '../search/domain/search-terms.js';
import { replaceTerms } from '../search/replace-terms.js';
import type { Profile, ProfileRank } from './domain/profile.js';

/** The profile that counts of each cooperative. */
@Injectable()
export class ProfileRepository {
  /** What decides whether another profile replaces the known one, or undefined where none is known. */
  async rankOf(cooperativeId: string, tx: Transaction): Promise<ProfileRank | undefined> {
    const [row] = await tx.query<{ made_at_ms: string; statement_hash: string }[]>(
      'SELECT made_at_ms, statement_hash FROM cooperative_profile WHERE cooperative_id = $1', [cooperativeId],
    );
    return row && { madeAtMs: Number(row.made_at_ms), statementHash: row.statement_hash };
  }

  /** Puts a profile in the place of `before`, and its words into the search. @throws StaleWriteError where another has come between. */
  async replace(profile: Profile, before: ProfileRank | undefined, tx: Transaction): Promise<void> {
    const { cooperativeId, description, place, capabilities, units, contact, madeAt, madeAtMs, statementHash, signature } = profile;
    const saved = await tx.query<unknown[]>(
      `INSERT INTO cooperative_profile AS known (cooperative_id, description, place, capabilities, units, contact, made_at, made_at_ms, statement_hash, signature)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (cooperative_id) DO UPDATE
       SET description = $2, place = $3, capabilities = $4, units = $5, contact = $6, made_at = $7, made_at_ms = $8, statement_hash = $9, signature = $10
       WHERE known.statement_hash = $11 RETURNING cooperative_id`,
      [cooperativeId, description, place, capabilities, units, contact, madeAt, madeAtMs, statementHash, signature, before?.statementHash ?? null],
    );
    if (saved.length !== 1) throw new StaleWriteError(`the profile of ${cooperativeId} has been replaced meanwhile`);
    const [cooperative] = await tx.query<{ name: string; place: string | null; home_node: string }[]>(
      'SELECT name, place, home_node FROM cooperative WHERE cooperative_id = $1', [cooperativeId],
    );
    invariant(cooperative !== undefined, 'a profile is the one of a known cooperative');
    const terms = cooperativeTerms({ name: cooperative.name, place: cooperative.place, profile });
    await replaceTerms({ nodeId: cooperative.home_node, partyId: cooperativeId }, terms, tx);
  }
}
