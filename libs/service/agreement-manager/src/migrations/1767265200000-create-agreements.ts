import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Agreements as signed by their parties, and the cooperatives that nodes have announced. */
export class CreateAgreements1767265200000 implements MigrationInterface {
  readonly name = 'CreateAgreements1767265200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE agreement (
        agreement_id text PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('draft', 'proposed', 'active', 'suspended', 'terminated')),
        terms jsonb NOT NULL,
        terms_hash text NOT NULL,
        drafted_by text NOT NULL,
        is_proposed boolean NOT NULL,
        is_expired boolean NOT NULL DEFAULT false,
        signatures jsonb NOT NULL,
        actions jsonb NOT NULL,
        parties text[] NOT NULL,
        effective_until timestamptz,
        version integer NOT NULL CHECK (version > 0),
        CHECK (is_proposed = (state <> 'draft')),
        CHECK (is_proposed OR jsonb_array_length(signatures) = 0)
      );
      CREATE INDEX agreement_parties ON agreement USING gin (parties);
      CREATE INDEX agreement_ending ON agreement (effective_until) WHERE state IN ('proposed', 'active', 'suspended') AND effective_until IS NOT NULL;
      CREATE TABLE cooperative (
        cooperative_id text PRIMARY KEY,
        home_node text NOT NULL
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cooperative; DROP TABLE agreement;');
  }
}
