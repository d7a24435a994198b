import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { Agreement, type AgreementProps } from './domain/agreement.js';
import type { AgreementState } from './domain/agreement.transitions.js';

interface Row {
  readonly terms: AgreementProps['terms'];
  readonly terms_hash: string;
  readonly drafted_by: string;
  readonly is_proposed: boolean;
  readonly is_expired: boolean;
  readonly signatures: AgreementProps['signatures'];
  readonly actions: AgreementProps['actions'];
  readonly version: number;
}

/** Which agreements are asked for, after which id. */
export interface AgreementFilter {
  readonly party: string | null;
  readonly state: AgreementState | null;
  readonly after: string | null;
  readonly limit: number;
}

const COLUMNS = 'terms, terms_hash, drafted_by, is_proposed, is_expired, signatures, actions, version';

const toAgreement = (row: Row): Agreement => new Agreement({
  terms: row.terms, termsHash: row.terms_hash, draftedBy: row.drafted_by, isProposed: row.is_proposed, isExpired: row.is_expired,
  signatures: row.signatures, actions: row.actions, version: row.version,
});

/** Agreements in the service's own schema. Every save compares the version that was read. */
@Injectable()
export class AgreementRepository {
  /** The agreement of that id, or undefined. */
  async find(agreementId: string, tx: Transaction): Promise<Agreement | undefined> {
    const [row] = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM agreement WHERE agreement_id = $1`, [agreementId]);
    return row && toAgreement(row);
  }

  /** Agreements by id, at most `limit` + 1, so that the caller sees whether more follow. Drafts only for the party that drafted. */
  async list({ party, state, after, limit }: AgreementFilter, tx: Transaction): Promise<Agreement[]> {
    const rows = await tx.query<Row[]>(
      `SELECT ${COLUMNS} FROM agreement
       WHERE ($1::text IS NULL OR $1 = ANY (parties)) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR agreement_id COLLATE "C" > $3)
       ORDER BY agreement_id COLLATE "C" LIMIT $4`, [party, state, after, limit + 1],
    );
    return rows.map(toAgreement);
  }

  /** Agreements whose period is over and that have not ended yet. */
  async due(now: Date, tx: Transaction): Promise<Agreement[]> {
    const rows = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM agreement WHERE effective_until <= $1 AND state IN ('proposed', 'active', 'suspended') LIMIT 100`, [now]);
    return rows.map(toAgreement);
  }

  /** Stores a new agreement. Fails on the key where one of that id exists. */
  async add(agreement: Agreement, tx: Transaction): Promise<void> {
    const { terms, termsHash, draftedBy, isProposed, isExpired, signatures, actions } = agreement.props;
    await tx.query(
      `INSERT INTO agreement (agreement_id, state, terms, terms_hash, drafted_by, is_proposed, is_expired, signatures, actions, parties, effective_until, version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ($3::jsonb ->> 'effective_until')::timestamptz, 1)`,
      [agreement.id, agreement.state, JSON.stringify(terms), termsHash, draftedBy, isProposed, isExpired, JSON.stringify(signatures), JSON.stringify(actions),
        terms.parties.map(({ cooperative_id: id }) => id)],
    );
  }

  /** Saves a change. @throws StaleWriteError where another writer came first. */
  async save(agreement: Agreement, tx: Transaction): Promise<void> {
    const { isProposed, isExpired, signatures, actions, version } = agreement.props;
    const [, affected] = await tx.query<[unknown, number]>(
      `UPDATE agreement SET state = $3, is_proposed = $4, is_expired = $5, signatures = $6, actions = $7, version = version + 1 WHERE agreement_id = $1 AND version = $2`,
      [agreement.id, version, agreement.state, isProposed, isExpired, JSON.stringify(signatures), JSON.stringify(actions)],
    );
    if (affected !== 1) throw new StaleWriteError(`agreement ${agreement.id} changed after version ${version}`);
  }
}
