import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Registry of nodes and parties, challenges and session keys. */
export class CreateIdentityTables1767261600000 implements MigrationInterface {
  readonly name = 'CreateIdentityTables1767261600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REGISTRY);
    await runner.query(SESSIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE session_key; DROP TABLE challenge;
      DROP TABLE participant; DROP TABLE cooperative; DROP TABLE party; DROP TABLE node;`);
  }
}

// A did stands for one party on one node: `party` holds that fact, and the kind and home of a row below must agree with it.
const REGISTRY = `
  CREATE TABLE node (
    node_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    domain text NOT NULL UNIQUE,
    gateway_url text NOT NULL,
    operator_id text NOT NULL,
    announced_seq bigint NOT NULL CHECK (announced_seq >= 0)
  );
  COMMENT ON COLUMN node.announced_seq IS 'Place of the announcement in the log of the node; 0 while only the settings say it.';
  CREATE TABLE party (
    did text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('cooperative', 'participant')),
    home_node text COLLATE "C" NOT NULL REFERENCES node,
    statement_hash text NOT NULL,
    signature text NOT NULL,
    made_at text NOT NULL,
    UNIQUE (did, kind, home_node)
  );
  COMMENT ON COLUMN party.made_at IS 'The exact text that was signed.';
  CREATE TABLE cooperative (
    cooperative_id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL DEFAULT 'cooperative' CHECK (kind = 'cooperative'),
    home_node text COLLATE "C" NOT NULL,
    name text NOT NULL,
    place text,
    UNIQUE (cooperative_id, home_node),
    FOREIGN KEY (cooperative_id, kind, home_node) REFERENCES party (did, kind, home_node)
  );
  CREATE TABLE participant (
    participant_id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL DEFAULT 'participant' CHECK (kind = 'participant'),
    home_node text COLLATE "C" NOT NULL,
    cooperative_id text COLLATE "C" NOT NULL,
    handle text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    UNIQUE (home_node, handle),
    FOREIGN KEY (participant_id, kind, home_node) REFERENCES party (did, kind, home_node),
    FOREIGN KEY (cooperative_id, home_node) REFERENCES cooperative (cooperative_id, home_node)
  );
  CREATE INDEX participant_of_cooperative ON participant (cooperative_id, participant_id);`;

const SESSIONS = `
  CREATE TABLE challenge (
    challenge text PRIMARY KEY,
    did text NOT NULL,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX challenge_by_expiry ON challenge (expires_at);
  CREATE TABLE session_key (
    kid text PRIMARY KEY,
    private_key jsonb NOT NULL CHECK (private_key ->> 'kty' = 'OKP' AND private_key ->> 'crv' = 'Ed25519'),
    is_signing boolean NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX session_key_one_signs ON session_key (is_signing) WHERE is_signing;`;
