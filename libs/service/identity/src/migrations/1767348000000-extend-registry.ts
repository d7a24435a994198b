import type { MigrationInterface, QueryRunner } from 'typeorm';
import { cooperativeTerms, nodeTerms } from '../search/domain/search-terms.js';
import { replaceTerms } from '../search/replace-terms.js';

interface NodeRow { readonly node_id: string; readonly name: string; readonly domain: string }
interface CooperativeRow { readonly cooperative_id: string; readonly home_node: string; readonly name: string; readonly place: string | null }

/** What is known of an issuer beside its announcement, refused claims, profiles, words to search by, and what this node last said of itself. */
export class ExtendRegistry1767348000000 implements MigrationInterface {
  readonly name = 'ExtendRegistry1767348000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const { node_id: nodeId, name, domain } of (await runner.query('SELECT node_id, name, domain FROM node')) as NodeRow[]) {
      await replaceTerms({ nodeId, partyId: null }, nodeTerms({ name, domain }), runner.manager);
    }
    for (const row of (await runner.query('SELECT cooperative_id, home_node, name, place FROM cooperative')) as CooperativeRow[]) {
      const { cooperative_id: partyId, home_node: nodeId, name, place } = row;
      await replaceTerms({ nodeId, partyId }, cooperativeTerms({ name, place }), runner.manager);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registry_term; DROP TABLE cooperative_profile; DROP TABLE own_update; DROP TABLE disputed_claim; DROP TABLE issuer;');
  }
}

// An issuer stands here once it has changed its key or claimed what is another's, also where the registry refuses its announcement.
const TABLES = `
  CREATE TABLE issuer (
    issuer text COLLATE "C" PRIMARY KEY,
    key_no integer NOT NULL DEFAULT 1 CHECK (key_no >= 1),
    key_seq bigint NOT NULL DEFAULT 0,
    disputed_claims bigint NOT NULL DEFAULT 0
  );
  COMMENT ON COLUMN issuer.key_seq IS 'Place of the entry that brought the key; 0 for the first one.';
  CREATE TABLE disputed_claim (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text NOT NULL CHECK (what IN ('node', 'domain', 'cooperative', 'participant', 'handle')),
    name text NOT NULL,
    claimed_by text NOT NULL,
    held_by text NOT NULL,
    held_at text NOT NULL,
    refused_as text NOT NULL,
    issuer text COLLATE "C" NOT NULL REFERENCES issuer,
    seq bigint NOT NULL,
    entry_hash text NOT NULL,
    sealed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (issuer, seq, what),
    CHECK ((claimed_by, issuer) <> (held_by, held_at))
  );
  CREATE INDEX disputed_claim_of_issuer ON disputed_claim (issuer, position);
  CREATE TABLE own_update (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    domain text NOT NULL,
    name text NOT NULL,
    gateway_url text NOT NULL,
    operator_id text NOT NULL,
    after_seq bigint NOT NULL CHECK (after_seq >= 1)
  );
  COMMENT ON COLUMN own_update.after_seq IS 'Place of the own announcement that the registry had when this update was drafted.';
  CREATE TABLE cooperative_profile (
    cooperative_id text COLLATE "C" PRIMARY KEY REFERENCES cooperative,
    description text,
    place text,
    capabilities text[] NOT NULL,
    units text[] NOT NULL,
    contact text,
    made_at text NOT NULL,
    made_at_ms bigint NOT NULL,
    statement_hash text NOT NULL,
    signature text NOT NULL
  );
  COMMENT ON COLUMN cooperative_profile.made_at IS 'The exact text that was signed.';
  CREATE TABLE registry_term (
    node_id text COLLATE "C" NOT NULL REFERENCES node,
    party_id text COLLATE "C" NOT NULL,
    field text COLLATE "C" NOT NULL CHECK (field IN ('name', 'place', 'capability', 'unit')),
    term text COLLATE "C" NOT NULL,
    PRIMARY KEY (party_id, field, term, node_id)
  );
  COMMENT ON COLUMN registry_term.party_id IS 'The cooperative; empty for words of the node itself.';
  CREATE INDEX registry_term_by_term ON registry_term (field, term, party_id, node_id);
  CREATE INDEX registry_term_of_node ON registry_term (node_id, field, term);`;
