import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Listings, standings, rings of the latest search and rings that were proposed. */
export class CreateMatchingTables1767265200000 implements MigrationInterface {
  readonly name = 'CreateMatchingTables1767265200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GRAPH);
    await runner.query(SEARCH);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE latest_search; DROP TABLE ring; DROP TABLE proposed_ring_listing; DROP TABLE proposed_ring; DROP TABLE standing; DROP TABLE listing;`);
  }
}

const GRAPH = `
  CREATE TABLE listing (
    listing_id text COLLATE "C" PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN ('offering', 'need')),
    participant_id text COLLATE "C" NOT NULL,
    home_node text COLLATE "C" NOT NULL,
    title text NOT NULL,
    capability text NOT NULL,
    amount numeric(38,0) NOT NULL CHECK (amount > 0),
    unit text NOT NULL,
    free numeric(38,0) NOT NULL,
    available_from_ms bigint NOT NULL,
    available_until_ms bigint NOT NULL,
    place text,
    delivery text NOT NULL CHECK (delivery IN ('onsite', 'remote')),
    visibility text NOT NULL CHECK (visibility IN ('network', 'node')),
    state text NOT NULL CHECK (state IN ('open', 'withdrawn')),
    published_at_ms bigint NOT NULL,
    capacity_version bigint NOT NULL CHECK (capacity_version >= 0),
    version integer NOT NULL CHECK (version >= 1),
    CHECK (free >= 0 AND free <= amount),
    CHECK (available_until_ms > available_from_ms)
  );
  COMMENT ON COLUMN listing.position IS 'Order of arrival at this node, whatever a publisher says about the time.';
  COMMENT ON COLUMN listing.available_from_ms IS 'Milliseconds since 1970: exact for every time the wire can carry.';
  COMMENT ON COLUMN listing.capacity_version IS 'Latest change of free taken in from the exchange manager; 0 before the first, and for copies.';
  CREATE INDEX listing_open_by_arrival ON listing (position) WHERE state = 'open';
  CREATE INDEX listing_open_of_participant ON listing (participant_id) WHERE state = 'open';
  CREATE INDEX listing_open_by_end ON listing (home_node, available_until_ms) WHERE state = 'open';
  CREATE TABLE standing (
    participant_id text COLLATE "C" PRIMARY KEY,
    standing integer NOT NULL CHECK (standing BETWEEN 0 AND 1000000),
    tier text NOT NULL,
    version bigint NOT NULL CHECK (version >= 1)
  );`;

const SEARCH = `
  CREATE TABLE proposed_ring (
    ring_id text COLLATE "C" PRIMARY KEY,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('completed', 'aborted', 'failed')),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
  );
  COMMENT ON TABLE proposed_ring IS 'Rings this node has proposed, and rings of others whose chain has ended here. A ring is proposed once.';
  CREATE TABLE proposed_ring_listing (
    listing_id text COLLATE "C" PRIMARY KEY REFERENCES listing,
    ring_id text COLLATE "C" NOT NULL REFERENCES proposed_ring
  );
  COMMENT ON TABLE proposed_ring_listing IS 'Listings of the proposed rings that have not ended: each in one of them at most.';
  CREATE INDEX proposed_ring_listing_of_ring ON proposed_ring_listing (ring_id);
  CREATE TABLE ring (
    ring_id text COLLATE "C" PRIMARY KEY,
    rank text COLLATE "C" NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('considered', 'selected')),
    score integer NOT NULL CHECK (score BETWEEN 0 AND 1000000),
    legs jsonb NOT NULL,
    reason text NOT NULL,
    proposing_node text NOT NULL,
    found_at timestamptz NOT NULL
  );
  COMMENT ON COLUMN ring.rank IS 'Sorts the best ring first.';
  CREATE TABLE latest_search (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    graph_hash text NOT NULL,
    scoring_version integer NOT NULL,
    ended_at timestamptz NOT NULL
  );`;
