import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Clearing arrangements as agreed, obligations as signed, runs with the set each froze, and how far every issuer has been read. */
export class CreateClearing1767272400000 implements MigrationInterface {
  readonly name = 'CreateClearing1767272400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE arrangement (
        agreement_id text PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('draft', 'proposed', 'active', 'suspended', 'terminated')),
        unit text NOT NULL,
        scale smallint NOT NULL CHECK (scale BETWEEN 0 AND 9),
        parties jsonb NOT NULL CHECK (jsonb_array_length(parties) >= 2),
        cooperatives text[] NOT NULL,
        version integer NOT NULL CHECK (version > 0)
      );
      CREATE TABLE entry_cursor (
        issuer text PRIMARY KEY,
        seq bigint NOT NULL CHECK (seq > 0)
      );
      CREATE TABLE clearing_run (
        run_id text PRIMARY KEY,
        agreement_id text NOT NULL REFERENCES arrangement,
        unit text NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'computed', 'agreed', 'settled', 'disputed')),
        opened_by text NOT NULL,
        opened_at text NOT NULL,
        cutoff jsonb NOT NULL,
        set_root text,
        result_hash text,
        gross_total numeric(42,0),
        net_total numeric(42,0),
        positions jsonb,
        potentials jsonb,
        computations jsonb NOT NULL,
        approvals jsonb NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        CHECK ((state = 'open') = (set_root IS NULL)),
        CHECK (num_nulls(set_root, result_hash, gross_total, net_total, positions, potentials) IN (0, 6)),
        CHECK (net_total BETWEEN 0 AND gross_total)
      );
      CREATE UNIQUE INDEX clearing_run_in_progress ON clearing_run (agreement_id) WHERE state IN ('open', 'computed', 'agreed');
      CREATE INDEX clearing_run_open ON clearing_run (run_id) WHERE state = 'open';
      CREATE TABLE obligation (
        obligation_id text PRIMARY KEY,
        agreement_id text NOT NULL REFERENCES arrangement,
        debtor text NOT NULL,
        creditor text NOT NULL,
        amount numeric(38,0) NOT NULL CHECK (amount > 0),
        remaining numeric(38,0) NOT NULL,
        statement jsonb NOT NULL,
        statement_hash text NOT NULL,
        recorded_by text NOT NULL,
        debtor_signature text,
        debtor_seq bigint CHECK (debtor_seq > 0),
        creditor_signature text,
        creditor_seq bigint CHECK (creditor_seq > 0),
        state text NOT NULL CHECK (state IN ('recorded', 'open', 'frozen', 'discharged')),
        frozen_in text REFERENCES clearing_run,
        version integer NOT NULL CHECK (version > 0),
        CHECK (debtor <> creditor),
        CHECK (recorded_by IN (debtor, creditor)),
        CHECK (remaining BETWEEN 0 AND amount),
        CHECK (debtor_seq IS NULL OR debtor_signature IS NOT NULL),
        CHECK (creditor_seq IS NULL OR creditor_signature IS NOT NULL),
        CHECK ((state = 'recorded') = (debtor_seq IS NULL OR creditor_seq IS NULL)),
        CHECK (state <> 'recorded' OR remaining = amount),
        CHECK ((state = 'frozen') = (frozen_in IS NOT NULL)),
        CHECK ((state = 'discharged') = (remaining = 0))
      );
      CREATE INDEX obligation_of_agreement ON obligation (agreement_id, state);
      CREATE INDEX obligation_frozen_in ON obligation (frozen_in) WHERE frozen_in IS NOT NULL;
      CREATE TABLE clearing_run_line (
        run_id text NOT NULL REFERENCES clearing_run,
        obligation_id text NOT NULL REFERENCES obligation,
        debtor text NOT NULL,
        creditor text NOT NULL,
        remaining_before numeric(38,0) NOT NULL CHECK (remaining_before > 0),
        remaining_after numeric(38,0) NOT NULL,
        PRIMARY KEY (run_id, obligation_id),
        CHECK (remaining_after BETWEEN 0 AND remaining_before)
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE clearing_run_line; DROP TABLE obligation; DROP TABLE clearing_run; DROP TABLE entry_cursor; DROP TABLE arrangement;');
  }
}
