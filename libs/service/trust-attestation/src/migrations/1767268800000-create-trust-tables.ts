import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who lives where, what members' exchanges came to, what nodes attested, and how right they were. */
export class CreateTrustTables1767268800000 implements MigrationInterface {
  readonly name = 'CreateTrustTables1767268800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE participant (
        participant_id text COLLATE "C" PRIMARY KEY,
        home_node text NOT NULL,
        member_since text NOT NULL,
        tier text NOT NULL CHECK (tier IN ('newcomer', 'probationary', 'established', 'anchor')),
        standing integer NOT NULL CHECK (standing BETWEEN 0 AND 1000000),
        version integer NOT NULL CHECK (version >= 0),
        rules integer NOT NULL,
        review_at timestamptz,
        claims_hash text,
        claimed_at timestamptz,
        revision integer NOT NULL CHECK (revision > 0),
        CHECK ((claims_hash IS NULL) = (claimed_at IS NULL))
      );
      CREATE INDEX participant_due ON participant (review_at) WHERE review_at IS NOT NULL;
      CREATE INDEX participant_home ON participant (home_node);
      CREATE TABLE exchange_outcome (
        participant_id text NOT NULL,
        chain_id text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('completed', 'failed')),
        given text CHECK (given IN ('yes', 'partially', 'no')),
        is_at_fault boolean NOT NULL,
        partners text[] NOT NULL,
        ended_at timestamptz NOT NULL,
        PRIMARY KEY (participant_id, chain_id)
      );
      CREATE TABLE attestation (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        issuing_node text NOT NULL,
        attestation_id text NOT NULL,
        entry_seq bigint NOT NULL CHECK (entry_seq > 0),
        participant_id text NOT NULL REFERENCES participant,
        satisfaction integer NOT NULL CHECK (satisfaction BETWEEN 0 AND 1000000),
        expires_at timestamptz NOT NULL,
        document json NOT NULL,
        UNIQUE (issuing_node, attestation_id),
        UNIQUE (issuing_node, entry_seq)
      );
      CREATE INDEX attestation_of_participant ON attestation (participant_id, position);
      CREATE TABLE node (
        node_id text COLLATE "C" PRIMARY KEY,
        credibility integer NOT NULL CHECK (credibility BETWEEN 0 AND 1000000),
        experiences integer NOT NULL CHECK (experiences >= 0),
        attestations_received integer NOT NULL CHECK (attestations_received >= 0),
        version integer NOT NULL CHECK (version > 0)
      );
      CREATE TABLE chain_answer (
        node_id text NOT NULL,
        chain_id text NOT NULL,
        terms_hash text NOT NULL,
        entry_seq bigint NOT NULL CHECK (entry_seq > 0),
        PRIMARY KEY (node_id, chain_id, terms_hash)
      );
      CREATE TABLE experience (
        node_id text NOT NULL REFERENCES node,
        chain_id text NOT NULL,
        participant_id text NOT NULL,
        terms_hash text NOT NULL,
        actual integer NOT NULL CHECK (actual BETWEEN 0 AND 1000000),
        ended_at timestamptz NOT NULL,
        claimed integer CHECK (claimed BETWEEN 0 AND 1000000),
        agreement integer NOT NULL CHECK (agreement BETWEEN 0 AND 1000000),
        disagreement integer NOT NULL CHECK (disagreement BETWEEN 0 AND 3000000),
        PRIMARY KEY (node_id, chain_id, participant_id),
        CHECK (agreement = 0 OR disagreement = 0)
      );
      CREATE INDEX experience_of_participant ON experience (participant_id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE experience; DROP TABLE chain_answer; DROP TABLE node; DROP TABLE attestation; DROP TABLE exchange_outcome; DROP TABLE participant;');
  }
}
