import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The log of every issuer this node holds, the places reached in each stream, the links, and what was refused. */
export class CreateFederationLog1767265200000 implements MigrationInterface {
  readonly name = 'CreateFederationLog1767265200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE entry (
        position bigint PRIMARY KEY CHECK (position >= 1),
        issuer text NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 1),
        hash text NOT NULL CHECK (length(hash) = 43),
        topic text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        ts bigint NOT NULL,
        jws text NOT NULL CHECK (octet_length(jws) <= 65536),
        draft_id uuid UNIQUE,
        stored_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (issuer, seq)
      );
      CREATE TABLE issuer_head (
        issuer text PRIMARY KEY,
        seq bigint NOT NULL,
        hash text NOT NULL,
        agreed_up_to bigint CHECK (agreed_up_to BETWEEN 0 AND seq),
        FOREIGN KEY (issuer, seq) REFERENCES entry (issuer, seq)
      );
      CREATE TABLE equivocation (
        issuer text NOT NULL REFERENCES issuer_head,
        at bigint NOT NULL CHECK (at >= 1),
        proof jsonb NOT NULL,
        shown_by text NOT NULL,
        found_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (issuer, at)
      );
      CREATE TABLE stream_cursor (
        stream text PRIMARY KEY,
        epoch text NOT NULL,
        stream_seq bigint NOT NULL CHECK (stream_seq >= 0),
        position bigint NOT NULL CHECK (position >= 0)
      );
      CREATE TABLE log_fault (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        reason text NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE set_aside_draft (
        message_id text PRIMARY KEY,
        stream_subject text NOT NULL,
        code text NOT NULL,
        detail text NOT NULL,
        payload bytea NOT NULL,
        set_aside_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE link (
        peer text PRIMARY KEY,
        name text NOT NULL,
        state text NOT NULL CHECK (state IN ('connecting', 'opening', 'following', 'waiting', 'stopped')),
        last_error text,
        last_entry_at timestamptz,
        epoch text,
        stream_seq bigint NOT NULL DEFAULT 0 CHECK (stream_seq >= 0),
        received bigint NOT NULL DEFAULT 0
      );
      CREATE TABLE refused_arrival (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        peer text NOT NULL REFERENCES link,
        issuer text,
        stream_seq bigint,
        code text NOT NULL,
        detail text NOT NULL,
        bytes bytea NOT NULL,
        refused_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX refused_arrival_of_peer ON refused_arrival (peer, id);
      CREATE TABLE refusal_count (
        peer text NOT NULL REFERENCES link,
        code text NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (peer, code)
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE refusal_count; DROP TABLE refused_arrival; DROP TABLE link; DROP TABLE set_aside_draft; DROP TABLE log_fault;
      DROP TABLE stream_cursor; DROP TABLE equivocation; DROP TABLE issuer_head; DROP TABLE entry;`);
  }
}
