import { byCodeUnit } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';

/** The record of a participant, whether it is known here or not. */
export const participantRecord = (participantId: string): string => `participant ${participantId}`;

/** The record of a node. */
export const nodeRecord = (nodeId: string): string => `node ${nodeId}`;

/**
 * Holds records until the transaction ends, in one order everywhere.
 *
 * What is worked out from several rows (a tier from outcomes, a credibility from experiences) is worked out while holding the record,
 * also where it has no row yet: the second writer sees everything the first one wrote.
 */
export async function holdRecords(names: readonly string[], tx: Transaction): Promise<void> {
  for (const name of [...new Set(names)].sort(byCodeUnit)) {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.' || $1, 0))`, [name]);
  }
}
