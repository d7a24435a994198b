import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Peers, how they stand and what is still to be told to them; the list of nodes let in or kept out; more about each link. */
export class AddPeers1767265500000 implements MigrationInterface {
  readonly name = 'AddPeers1767265500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE peer (
        node_id text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        state text NOT NULL CHECK (state IN ${STATES}),
        previous_state text CHECK (previous_state IN ${STATES}),
        gateway_url text,
        nats_url text,
        view text NOT NULL CHECK (view IN ('own', 'all')),
        tls_ca text,
        link_nkey_seed text CHECK (link_nkey_seed ~ '^SU[A-Z2-7]{56}$'),
        peer_nkey text UNIQUE DEFERRABLE INITIALLY DEFERRED CHECK (peer_nkey ~ '^U[A-Z2-7]{55}$'),
        declared json,
        stated_at timestamptz,
        retries int NOT NULL DEFAULT 0,
        reason text,
        version int NOT NULL CHECK (version >= 1),
        added_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        owes text CHECK (owes IN ('asks', 'agrees', 'declines')),
        owed_attempts int NOT NULL DEFAULT 0 CHECK (owed_attempts >= 0),
        owed_next_at timestamptz,
        owed_error text,
        owed_error_at timestamptz
      );
      COMMENT ON COLUMN peer.owes IS 'Statement about the link that the peer has not acknowledged; the columns owed_… say how that goes.';
      COMMENT ON COLUMN peer.declared IS 'What the peers file says besides; null for a peer it does not name.';
      CREATE INDEX peer_owed ON peer (owed_next_at) WHERE owes IS NOT NULL;
      CREATE INDEX peer_asking ON peer (added_at) WHERE state = 'asking';
      CREATE TABLE listed_node (
        node_id text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        verdict text NOT NULL CHECK (verdict IN ('allow', 'block')),
        reason text,
        listed_at timestamptz NOT NULL
      );
      CREATE TABLE peer_revision (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        revision bigint NOT NULL
      );
      COMMENT ON TABLE peer_revision IS 'Grows with every change of peers or the list, in its transaction: other instances look here.';
      INSERT INTO peer_revision (revision) VALUES (0);
      ALTER TABLE link
        ADD since timestamptz,
        ADD attempts int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        ADD last_error_at timestamptz,
        ADD next_attempt_at timestamptz,
        ADD connections int NOT NULL DEFAULT 0 CHECK (connections >= 0);
      COMMENT ON COLUMN link.attempts IS 'Failed attempts in a row.';
      COMMENT ON COLUMN link.connections IS 'How often the link has come to follow.';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE link DROP since, DROP attempts, DROP last_error_at, DROP next_attempt_at, DROP connections;
      DROP TABLE peer_revision; DROP TABLE listed_node; DROP TABLE peer;`);
  }
}

const STATES = `('asked', 'asking', 'linked', 'paused', 'draining', 'suspended', 'blocked', 'declined')`;
