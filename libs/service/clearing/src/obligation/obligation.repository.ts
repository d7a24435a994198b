import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { Obligation, type ObligationProps, type SideSignature } from './domain/obligation.js';
import type { ObligationState } from './domain/obligation.transitions.js';

interface Row {
  readonly statement: ObligationProps['statement'];
  readonly statement_hash: string;
  readonly recorded_by: string;
  readonly debtor_signature: string | null;
  readonly debtor_seq: string | null;
  readonly creditor_signature: string | null;
  readonly creditor_seq: string | null;
  readonly remaining: string;
  readonly state: ObligationState;
  readonly frozen_in: string | null;
  readonly version: number;
}

/** Which obligations are asked for, after which id. `party`: one of the agreement, or null for all. */
export interface ObligationFilter {
  readonly party: string | null;
  readonly agreementId: string | null;
  readonly state: ObligationState | null;
  readonly after: string | null;
  readonly limit: number;
}

/** What one party owes another in sum. */
export interface PairTotal { readonly debtor: string; readonly creditor: string; readonly remaining: bigint }

const COLUMNS = `o.statement, o.statement_hash, o.recorded_by, o.debtor_signature, o.debtor_seq, o.creditor_signature, o.creditor_seq,
  o.remaining, o.state, o.frozen_in, o.version`;

const toSide = (signature: string | null, seq: string | null): SideSignature | null => (signature === null ? null : { signature, seq: seq === null ? null : Number(seq) });

const toObligation = (row: Row): Obligation => new Obligation({
  statement: row.statement, statementHash: row.statement_hash, recordedBy: row.recorded_by,
  debtor: toSide(row.debtor_signature, row.debtor_seq), creditor: toSide(row.creditor_signature, row.creditor_seq),
  remaining: BigInt(row.remaining), state: row.state, frozenIn: row.frozen_in, version: row.version,
});

/** Obligations in the service's own schema. Every save compares the version that was read. */
@Injectable()
export class ObligationRepository {
  /** The obligation of that id, or undefined. */
  async find(obligationId: string, tx: Transaction): Promise<Obligation | undefined> {
    const [row] = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM obligation o WHERE o.obligation_id = $1`, [obligationId]);
    return row && toObligation(row);
  }

  /** Obligations by id, at most `limit` + 1, so that the caller sees whether more follow. */
  async list({ party, agreementId, state, after, limit }: ObligationFilter, tx: Transaction): Promise<Obligation[]> {
    const rows = await tx.query<Row[]>(
      `SELECT ${COLUMNS} FROM obligation o JOIN arrangement a USING (agreement_id)
       WHERE ($1::text IS NULL OR $1 = ANY (a.cooperatives)) AND ($2::text IS NULL OR o.agreement_id = $2) AND ($3::text IS NULL OR o.state = $3)
         AND ($4::text IS NULL OR o.obligation_id COLLATE "C" > $4)
       ORDER BY o.obligation_id COLLATE "C" LIMIT $5`, [party, agreementId, state, after, limit + 1],
    );
    return rows.map(toObligation);
  }

  /** Open obligations of an agreement, in no order. */
  async open(agreementId: string, tx: Transaction): Promise<Obligation[]> {
    return (await tx.query<Row[]>(`SELECT ${COLUMNS} FROM obligation o WHERE o.agreement_id = $1 AND o.state = 'open'`, [agreementId])).map(toObligation);
  }

  /** The frozen set of a run, in no order. */
  async frozenIn(runId: string, tx: Transaction): Promise<Obligation[]> {
    return (await tx.query<Row[]>(`SELECT ${COLUMNS} FROM obligation o WHERE o.frozen_in = $1`, [runId])).map(toObligation);
  }

  /** Sums of what remains of open and frozen obligations, by pair of parties. */
  async totals(agreementId: string, tx: Transaction): Promise<PairTotal[]> {
    const rows = await tx.query<{ debtor: string; creditor: string; remaining: string }[]>(
      `SELECT debtor, creditor, sum(remaining) AS remaining FROM obligation
       WHERE agreement_id = $1 AND state IN ('open', 'frozen') GROUP BY debtor, creditor`, [agreementId],
    );
    return rows.map(({ debtor, creditor, remaining }) => ({ debtor, creditor, remaining: BigInt(remaining) }));
  }

  /** Stores a new obligation. Fails on the key where one of that id exists. */
  async add({ props }: Obligation, tx: Transaction): Promise<void> {
    const { statement, statementHash, recordedBy, debtor, creditor, remaining, state } = props;
    await tx.query(
      `INSERT INTO obligation (obligation_id, agreement_id, debtor, creditor, amount, remaining, statement, statement_hash, recorded_by,
         debtor_signature, debtor_seq, creditor_signature, creditor_seq, state, version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)`,
      [statement.obligation_id, statement.agreement_id, statement.debtor, statement.creditor, statement.amount, String(remaining), JSON.stringify(statement),
        statementHash, recordedBy, debtor?.signature ?? null, debtor?.seq ?? null, creditor?.signature ?? null, creditor?.seq ?? null, state],
    );
  }

  /** Saves changes of all these, or of none. @throws StaleWriteError where another writer came first. */
  async save(obligations: readonly Obligation[], tx: Transaction): Promise<void> {
    const column = <Value>(valueOf: (props: ObligationProps) => Value) => obligations.map(({ props }) => valueOf(props));
    const [, affected] = await tx.query<[unknown, number]>(
      `UPDATE obligation o SET state = x.state, remaining = x.remaining, frozen_in = x.frozen_in, version = o.version + 1,
         debtor_signature = x.debtor_signature, debtor_seq = x.debtor_seq, creditor_signature = x.creditor_signature, creditor_seq = x.creditor_seq
       FROM unnest($1::text[], $2::integer[], $3::text[], $4::numeric[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::bigint[])
         AS x (obligation_id, version, state, remaining, frozen_in, debtor_signature, debtor_seq, creditor_signature, creditor_seq)
       WHERE o.obligation_id = x.obligation_id AND o.version = x.version`,
      [obligations.map(({ id }) => id), column(({ version }) => version), column(({ state }) => state), column(({ remaining }) => String(remaining)),
        column(({ frozenIn }) => frozenIn), column(({ debtor }) => debtor?.signature ?? null), column(({ debtor }) => debtor?.seq ?? null),
        column(({ creditor }) => creditor?.signature ?? null), column(({ creditor }) => creditor?.seq ?? null)],
    );
    if (affected !== obligations.length) throw new StaleWriteError(`${obligations.length - affected} obligations changed since they were read`);
  }
}
