import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Listings in summary, what is asked of peers and what they are told, and rings that cannot be proposed for now. */
export class AddVisibilityModes1767265400000 implements MigrationInterface {
  readonly name = 'AddVisibilityModes1767265400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SUMMARIES);
    await runner.query(PEERS);
    await runner.query(RINGS);
  }

  /** What only this version could keep is lost. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE ring_awaited; DROP TABLE ring_set_aside; DROP TABLE peer_standing; DROP TABLE asker_use; DROP TABLE disclosure; DROP TABLE listing_word; DROP TABLE listing_summary;
      DROP TABLE node_secret;
      DELETE FROM proposed_ring_listing WHERE listing_id NOT IN (SELECT listing_id FROM listing);
      ALTER TABLE proposed_ring_listing ADD CONSTRAINT proposed_ring_listing_listing_id_fkey FOREIGN KEY (listing_id) REFERENCES listing;
      UPDATE listing SET visibility = 'node' WHERE visibility IN ('summary', 'query');
      ALTER TABLE listing DROP CONSTRAINT listing_visibility_check;
      ALTER TABLE listing ADD CONSTRAINT listing_visibility_check CHECK (visibility IN ('network', 'node'));`);
  }
}

const SUMMARIES = `
  ALTER TABLE listing DROP CONSTRAINT listing_visibility_check;
  ALTER TABLE listing ADD CONSTRAINT listing_visibility_check CHECK (visibility IN ('network', 'summary', 'query', 'node'));
  CREATE TABLE node_secret (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    secret text NOT NULL CHECK (length(secret) >= 64)
  );
  COMMENT ON TABLE node_secret IS 'Hides participants behind their references. Whoever reads it can tell whom a reference stands for.';
  INSERT INTO node_secret (secret) VALUES (replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
  CREATE TABLE listing_summary (
    listing_id text COLLATE "C" PRIMARY KEY,
    home_node text COLLATE "C" NOT NULL,
    participant_ref text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('offering', 'need')),
    capability text NOT NULL,
    amount numeric(38,0) NOT NULL CHECK (amount > 0),
    unit text NOT NULL,
    free numeric(38,0) NOT NULL,
    available_from_ms bigint NOT NULL,
    available_until_ms bigint NOT NULL,
    delivery text NOT NULL CHECK (delivery IN ('onsite', 'remote')),
    state text NOT NULL CHECK (state IN ('open', 'withdrawn')),
    valid_until_ms bigint,
    CHECK (free >= 0 AND free <= amount),
    CHECK (available_until_ms > available_from_ms)
  );
  COMMENT ON TABLE listing_summary IS 'What other nodes tell of listings whose details they keep: in the log, or in answer to a question.';
  COMMENT ON COLUMN listing_summary.valid_until_ms IS 'When an answer is to be forgotten; null for what stands in the log.';
  CREATE INDEX listing_summary_of_node ON listing_summary (home_node, valid_until_ms);
  CREATE INDEX listing_summary_open_of_participant ON listing_summary (home_node, participant_ref) WHERE state = 'open' AND valid_until_ms IS NULL;
  CREATE TABLE listing_word (
    home_node text COLLATE "C" NOT NULL,
    listing_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    free numeric(38,0) CHECK (free >= 0),
    is_closed boolean NOT NULL,
    PRIMARY KEY (home_node, listing_id)
  );
  COMMENT ON TABLE listing_word IS 'What a home node has said of a listing that is not known here: its publication comes later, or was dropped from its log.';`;

const PEERS = `
  CREATE TABLE peer_standing (
    node_id text COLLATE "C" PRIMARY KEY,
    is_open boolean NOT NULL,
    changed_at timestamptz NOT NULL
  );
  COMMENT ON TABLE peer_standing IS 'Whether business may be begun with a node, as the federation service says.';
  CREATE TABLE disclosure (
    listing_id text COLLATE "C" NOT NULL,
    node_id text COLLATE "C" NOT NULL,
    told text NOT NULL CHECK (told IN ('summary', 'details')),
    times integer NOT NULL CHECK (times >= 1),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (listing_id, node_id, told)
  );
  COMMENT ON TABLE disclosure IS 'Who was told what about a listing of this node because it asked. Kept: the member may look it up.';
  CREATE TABLE asker_use (
    node_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    period_start_ms bigint NOT NULL,
    used integer NOT NULL CHECK (used >= 0),
    PRIMARY KEY (node_id, kind)
  );
  COMMENT ON TABLE asker_use IS 'How much a node has asked in the present period.';`;

const RINGS = `
  ALTER TABLE proposed_ring_listing DROP CONSTRAINT proposed_ring_listing_listing_id_fkey;
  CREATE TABLE ring_set_aside (
    ring_id text COLLATE "C" PRIMARY KEY,
    reason text NOT NULL,
    until_ms bigint NOT NULL
  );
  COMMENT ON TABLE ring_set_aside IS 'Rings that cannot be proposed for now, though what is told of their listings allows them.';
  CREATE TABLE ring_awaited (
    ring_id text COLLATE "C" PRIMARY KEY,
    since_ms bigint NOT NULL
  );
  COMMENT ON TABLE ring_awaited IS 'Rings that were chosen in every search since, and are for another node to propose, which may know that they are not possible.';`;
