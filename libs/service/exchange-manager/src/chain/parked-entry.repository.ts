import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { TooManyParkedError } from './domain/chain.errors.js';
import type { Said } from './domain/chain.types.js';
import type { ChainEntry, Intake } from './domain/take-in.js';
import { stepName } from './reading/narration.js';

/** Entries of one issuer that are kept while they wait. An honest node is far below: it writes nothing before its cause. */
const PARKED_MAX = 10_000;

interface Row { readonly id: string; readonly issuer: string; readonly seq: string; readonly said: Said }

/** Entries that wait for their causes, and chains whose entries are not kept. */
@Injectable()
export class ParkedEntryRepository {
  /** What waits in a chain, in the order of issuer and place. */
  async of(chainId: string, tx: Transaction): Promise<readonly ChainEntry[]> {
    const rows = await tx.query<Row[]>('SELECT entry_id AS id, issuer, seq, said FROM parked_entry WHERE chain_id = $1 ORDER BY issuer, seq', [chainId]);
    return rows.map(({ seq, ...row }) => ({ ...row, seq: Number(seq) }));
  }

  /** Makes the table hold what waits after an intake instead of what waited before. @throws TooManyParkedError. */
  async replace(before: readonly ChainEntry[], { parked, refused }: Intake, at: { readonly now: string; readonly tx: Transaction }): Promise<void> {
    const gone = before.filter(({ id }) => !parked.some((entry) => entry.id === id)).map(({ id }) => id);
    if (gone.length > 0) await at.tx.query('DELETE FROM parked_entry WHERE entry_id = ANY($1)', [gone]);
    for (const entry of parked.filter(({ id }) => !before.some((known) => known.id === id))) await this.park(entry, at);
    for (const { entry, error } of refused) {
      await at.tx.query(
        'INSERT INTO refused_entry (entry_id, type, code, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [entry.id, stepName(entry.said), error.code, error.message],
      );
    }
  }

  /** Keeps nothing any more of what is said about these terms. */
  async passOver(chainId: string, termsHash: string, tx: Transaction): Promise<void> {
    await tx.query('INSERT INTO passed_over_chain (chain_id, terms_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING', [chainId, termsHash]);
  }

  async isPassedOver(chainId: string, termsHash: string, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<unknown[]>('SELECT 1 FROM passed_over_chain WHERE chain_id = $1 AND terms_hash = $2', [chainId, termsHash]);
    return rows.length > 0;
  }

  private async park({ id, issuer, seq, said }: ChainEntry, { now, tx }: { readonly now: string; readonly tx: Transaction }): Promise<void> {
    const [waiting] = await tx.query<{ count: string }[]>('SELECT count(*) FROM parked_entry WHERE issuer = $1', [issuer]);
    if (Number(waiting?.count) >= PARKED_MAX) throw new TooManyParkedError(issuer, PARKED_MAX);
    await tx.query(
      'INSERT INTO parked_entry (entry_id, chain_id, issuer, seq, said, parked_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [id, said.chainId, issuer, seq, JSON.stringify(said), now],
    );
  }
}
