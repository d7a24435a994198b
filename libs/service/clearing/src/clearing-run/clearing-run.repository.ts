import { Injectable } from '@nestjs/common';
import { StaleWriteError, type Transaction } from '@kula/platform-persistence';
import { ClearingRun, type ClearingRunProps, type RunParty } from './domain/clearing-run.js';
import type { ClearingRunState } from './domain/clearing-run.transitions.js';
import type { RunLine, RunResult } from './domain/run-result.js';

interface Row {
  readonly run_id: string;
  readonly agreement_id: string;
  readonly unit: string;
  readonly state: ClearingRunState;
  readonly opened_by: string;
  readonly opened_at: string;
  readonly cutoff: Record<string, number>;
  readonly parties: readonly RunParty[];
  readonly set_root: string | null;
  readonly result_hash: string | null;
  readonly gross_total: string | null;
  readonly net_total: string | null;
  readonly positions: readonly { readonly party: string; readonly position: string }[] | null;
  readonly potentials: RunResult['potentials'] | null;
  readonly computations: ClearingRunProps['computations'];
  readonly approvals: ClearingRunProps['approvals'];
  readonly version: number;
}

interface LineRow {
  readonly run_id: string;
  readonly obligation_id: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly remaining_before: string;
  readonly remaining_after: string;
}

/** Which runs are asked for, after which id. `party`: one of the agreement, or null for all. */
export interface RunFilter {
  readonly party: string | null;
  readonly agreementId: string | null;
  readonly after: string | null;
  readonly limit: number;
}

const COLUMNS = `r.run_id, r.agreement_id, r.unit, r.state, r.opened_by, r.opened_at, r.cutoff, a.parties, r.set_root, r.result_hash, r.gross_total, r.net_total,
  r.positions, r.potentials, r.computations, r.approvals, r.version`;

const toLine = (row: LineRow): RunLine => ({
  obligationId: row.obligation_id, debtor: row.debtor, creditor: row.creditor, before: BigInt(row.remaining_before), after: BigInt(row.remaining_after),
});

function toResult(row: Row, lines: readonly RunLine[]): RunResult | null {
  const { set_root: setRoot, result_hash: resultHash, gross_total: gross, net_total: net, positions, potentials } = row;
  if (setRoot === null || resultHash === null || gross === null || net === null) return null;
  return {
    setRoot, resultHash, grossTotal: BigInt(gross), netTotal: BigInt(net), potentials: potentials ?? [],
    positions: (positions ?? []).map(({ party, position }) => ({ party, position: BigInt(position) })), lines,
  };
}

/** Columns of a result but for its lines: all null without one. */
function columnsOf(result: RunResult | null): (string | null)[] {
  if (result === null) return [null, null, null, null, null, null];
  const { setRoot, resultHash, grossTotal, netTotal, positions, potentials } = result;
  const amounts = positions.map(({ party, position }) => ({ party, position: String(position) }));
  return [setRoot, resultHash, String(grossTotal), String(netTotal), JSON.stringify(amounts), JSON.stringify(potentials)];
}

const toRun = (row: Row, lines: readonly LineRow[]): ClearingRun => new ClearingRun({
  runId: row.run_id, agreementId: row.agreement_id, unit: row.unit, openedBy: row.opened_by, openedAt: row.opened_at, cutoff: row.cutoff, parties: row.parties,
  state: row.state, result: toResult(row, lines.filter((line) => line.run_id === row.run_id).map(toLine)),
  computations: row.computations, approvals: row.approvals, version: row.version,
});

/** Clearing runs in the service's own schema. Every save compares the version that was read. */
@Injectable()
export class ClearingRunRepository {
  /** The run of that id, or undefined. */
  async find(runId: string, tx: Transaction): Promise<ClearingRun | undefined> {
    const [run] = await this.load('r.run_id = $1', [runId], tx);
    return run;
  }

  /** The run of an agreement that is neither settled nor disputed, or undefined. */
  async inProgress(agreementId: string, tx: Transaction): Promise<ClearingRun | undefined> {
    const [run] = await this.load(`r.agreement_id = $1 AND r.state IN ('open', 'computed', 'agreed')`, [agreementId], tx);
    return run;
  }

  /** Ids of the runs that this node has yet to compute. */
  async openIds(tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ run_id: string }[]>(`SELECT run_id FROM clearing_run WHERE state = 'open' ORDER BY run_id`);
    return rows.map(({ run_id: runId }) => runId);
  }

  /** Runs by id, at most `limit` + 1, so that the caller sees whether more follow. */
  async list({ party, agreementId, after, limit }: RunFilter, tx: Transaction): Promise<ClearingRun[]> {
    return this.load(
      `($1::text IS NULL OR $1 = ANY (a.cooperatives)) AND ($2::text IS NULL OR r.agreement_id = $2) AND ($3::text IS NULL OR r.run_id COLLATE "C" > $3)
       ORDER BY r.run_id COLLATE "C" LIMIT $4`, [party, agreementId, after, limit + 1], tx,
    );
  }

  /** Stores a run that was opened. Fails on a key where one of that id exists, or another of its agreement is in progress. */
  async add({ props }: ClearingRun, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO clearing_run (run_id, agreement_id, unit, state, opened_by, opened_at, cutoff, computations, approvals, version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`,
      [props.runId, props.agreementId, props.unit, props.state, props.openedBy, props.openedAt, JSON.stringify(props.cutoff),
        JSON.stringify(props.computations), JSON.stringify(props.approvals)],
    );
  }

  /** Saves a change. @throws StaleWriteError where another writer came first. */
  async save({ id, props }: ClearingRun, tx: Transaction): Promise<void> {
    const { state, result, computations, approvals, version } = props;
    const [, affected] = await tx.query<[unknown, number]>(
      `UPDATE clearing_run SET state = $3, computations = $4, approvals = $5, set_root = $6, result_hash = $7, gross_total = $8, net_total = $9,
         positions = $10, potentials = $11, version = version + 1 WHERE run_id = $1 AND version = $2`,
      [id, version, state, JSON.stringify(computations), JSON.stringify(approvals), ...columnsOf(result)],
    );
    if (affected !== 1) throw new StaleWriteError(`run ${id} changed after version ${version}`);
  }

  /** Stores what a run's result makes of each obligation of its set. */
  async addLines(runId: string, lines: readonly RunLine[], tx: Transaction): Promise<void> {
    const column = (valueOf: (line: RunLine) => string) => lines.map(valueOf);
    await tx.query(
      `INSERT INTO clearing_run_line (run_id, obligation_id, debtor, creditor, remaining_before, remaining_after)
       SELECT $1, x.* FROM unnest($2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[]) AS x`,
      [runId, column(({ obligationId }) => obligationId), column(({ debtor }) => debtor), column(({ creditor }) => creditor),
        column(({ before }) => String(before)), column(({ after }) => String(after))],
    );
  }

  private async load(where: string, values: readonly unknown[], tx: Transaction): Promise<ClearingRun[]> {
    const rows = await tx.query<Row[]>(`SELECT ${COLUMNS} FROM clearing_run r JOIN arrangement a USING (agreement_id) WHERE ${where}`, [...values]);
    const lines = await tx.query<LineRow[]>(
      `SELECT run_id, obligation_id, debtor, creditor, remaining_before, remaining_after FROM clearing_run_line
       WHERE run_id = ANY ($1) ORDER BY obligation_id COLLATE "C"`, [rows.map(({ run_id: runId }) => runId)],
    );
    return rows.map((row) => toRun(row, lines));
  }
}
