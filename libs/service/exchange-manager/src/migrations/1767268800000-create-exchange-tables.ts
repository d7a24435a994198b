import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Capacity accounts and reservations; replicas of chains with their timelines; entries that wait or concern nobody here. */
export class CreateExchangeTables1767268800000 implements MigrationInterface {
  readonly name = 'CreateExchangeTables1767268800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHAINS);
    await runner.query(GUARD);
    await runner.query(CAPACITY);
    await runner.query(ENTRIES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE passed_over_chain; DROP TABLE parked_entry; DROP TABLE reservation; DROP TABLE capacity_account;
      DROP TABLE chain_step; DROP TABLE chain_member; DROP TABLE chain; DROP FUNCTION keep_what_is_settled();`);
  }
}

// `replica` is json and not jsonb: the terms in it are hashed as they were signed, and are never searched.
const CHAINS = `
  CREATE TABLE chain (
    chain_id text COLLATE "C" PRIMARY KEY,
    version int NOT NULL CHECK (version >= 1),
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    proposing_node text COLLATE "C" NOT NULL,
    terms_hash text NOT NULL,
    consent_deadline timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'confirming', 'consented', 'held', 'executing', 'completed', 'aborted', 'failed')),
    decision text CHECK (decision IN ('commit', 'abort')),
    lease text NOT NULL CHECK (lease IN ('none', 'reserved', 'lapsed', 'released', 'committed')),
    member_count int NOT NULL,
    certified_count int NOT NULL,
    home_node_count int NOT NULL,
    held_count int NOT NULL,
    replica json NOT NULL,
    UNIQUE (chain_id, terms_hash),
    CONSTRAINT outcome_follows_decision CHECK (
      (state IN ('executing', 'completed', 'failed')) = (decision IS NOT DISTINCT FROM 'commit')
      AND (state = 'aborted') = (decision IS NOT DISTINCT FROM 'abort')),
    CONSTRAINT commitment_is_complete CHECK (
      decision IS DISTINCT FROM 'commit' OR (certified_count = member_count AND held_count = home_node_count)),
    CONSTRAINT lease_ends_with_decision CHECK (decision IS NULL OR lease <> 'reserved'),
    CONSTRAINT held_is_reserved CHECK (state <> 'held' OR lease = 'reserved')
  );
  COMMENT ON COLUMN chain.certified_count IS 'Consents in the certificate; 0 before there is one.';
  CREATE INDEX chain_undecided ON chain (consent_deadline) WHERE decision IS NULL;
  CREATE TABLE chain_member (
    chain_id text COLLATE "C" NOT NULL REFERENCES chain,
    participant_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (participant_id, chain_id)
  );
  CREATE TABLE chain_step (
    chain_id text COLLATE "C" NOT NULL,
    terms_hash text NOT NULL,
    step text NOT NULL,
    subject text NOT NULL,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    node text NOT NULL,
    entry_id text,
    sentence text NOT NULL,
    PRIMARY KEY (chain_id, step, subject),
    FOREIGN KEY (chain_id, terms_hash) REFERENCES chain (chain_id, terms_hash)
  );
  COMMENT ON TABLE chain_step IS 'Each step once: one proposal, one answer and acknowledgement of a node, one decision. Consents stand under the terms they were given to.';`;

// What nobody may undo, not even a faulty service: other terms, another coordinator, another decision, a way out of the end.
const GUARD = `
  CREATE FUNCTION keep_what_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.terms_hash <> OLD.terms_hash OR NEW.proposing_node <> OLD.proposing_node THEN
      RAISE EXCEPTION 'chain % keeps its terms and its coordinator', OLD.chain_id;
    END IF;
    IF OLD.decision IS NOT NULL AND NEW.decision IS DISTINCT FROM OLD.decision THEN
      RAISE EXCEPTION 'chain % is decided once', OLD.chain_id;
    END IF;
    IF OLD.state IN ('completed', 'aborted', 'failed') AND NEW.state <> OLD.state THEN
      RAISE EXCEPTION 'chain % has ended', OLD.chain_id;
    END IF;
    IF OLD.state = 'held' AND OLD.lease = 'reserved' AND NEW.lease <> 'reserved' AND NEW.decision IS NULL THEN
      RAISE EXCEPTION 'chain % is held until its coordinator decides', OLD.chain_id;
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER settled BEFORE UPDATE ON chain FOR EACH ROW EXECUTE FUNCTION keep_what_is_settled();`;

const CAPACITY = `
  CREATE TABLE capacity_account (
    listing_id text COLLATE "C" PRIMARY KEY,
    participant_id text COLLATE "C" NOT NULL,
    kind text CHECK (kind IN ('offering', 'need')),
    unit text,
    capacity numeric(38, 0) NOT NULL CHECK (capacity >= 0),
    reserved numeric(38, 0) NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    committed numeric(38, 0) NOT NULL DEFAULT 0 CHECK (committed >= 0),
    is_open boolean NOT NULL,
    version int NOT NULL DEFAULT 0 CHECK (version >= 0),
    CONSTRAINT nothing_promised_twice CHECK (reserved + committed <= capacity),
    CONSTRAINT opened_before_open CHECK (kind IS NOT NULL AND unit IS NOT NULL OR NOT is_open AND kind IS NULL AND unit IS NULL AND capacity = 0)
  );
  COMMENT ON TABLE capacity_account IS 'Local listings. One whose withdrawal arrived before its opening has neither kind nor unit yet, and stays closed.';
  CREATE TABLE reservation (
    chain_id text COLLATE "C" NOT NULL REFERENCES chain,
    listing_id text COLLATE "C" NOT NULL REFERENCES capacity_account,
    amount numeric(38, 0) NOT NULL CHECK (amount > 0),
    state text NOT NULL CHECK (state IN ('reserved', 'committed', 'released')),
    PRIMARY KEY (chain_id, listing_id)
  );
  CREATE INDEX reservation_of_listing ON reservation (listing_id);`;

const ENTRIES = `
  CREATE TABLE parked_entry (
    entry_id text COLLATE "C" PRIMARY KEY,
    chain_id text COLLATE "C" NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    said json NOT NULL,
    parked_at timestamptz NOT NULL,
    UNIQUE (issuer, seq)
  );
  CREATE INDEX parked_entry_of_chain ON parked_entry (chain_id, issuer, seq);
  CREATE TABLE passed_over_chain (
    chain_id text COLLATE "C" NOT NULL,
    terms_hash text NOT NULL,
    PRIMARY KEY (chain_id, terms_hash)
  );
  COMMENT ON TABLE passed_over_chain IS 'Chains without a local member: what is said about them is not kept.';`;
