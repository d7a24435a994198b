import type { Transaction } from '@kula/platform-persistence';
import type { SearchTerm } from './domain/search-terms.js';

/** Whom terms lead to: a cooperative of a node, or the node itself. */
export interface TermOwner { readonly nodeId: string; readonly partyId: string | null }

/** Lets the owner be found under these terms and no others. */
export async function replaceTerms({ nodeId, partyId }: TermOwner, terms: readonly SearchTerm[], tx: Transaction): Promise<void> {
  const [fields, words] = [terms.map(({ field }) => field), terms.map(({ term }) => term)];
  await tx.query('DELETE FROM registry_term WHERE node_id = $1 AND party_id = $2', [nodeId, partyId ?? '']);
  await tx.query(
    `INSERT INTO registry_term (node_id, party_id, field, term) SELECT $1, $2, field, term FROM unnest($3::text[], $4::text[]) AS found (field, term)`,
    [nodeId, partyId ?? '', fields, words],
  );
}
