import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was found of checkpoints, which entries are dead by them, and how far entries have been forgotten. */
export class AddCheckpoints1767265600000 implements MigrationInterface {
  readonly name = 'AddCheckpoints1767265600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE entry ADD exp bigint, ADD dead_at bigint CHECK (dead_at > seq);
      COMMENT ON COLUMN entry.exp IS 'Milliseconds since 1970 after which the entry counts no longer; null: never.';
      COMMENT ON COLUMN entry.dead_at IS 'Number of the checkpoint of the same log by which the entry was first found dead.';
      UPDATE entry SET exp = said.exp FROM (
        SELECT position, (convert_from(decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb ->> 'exp')::numeric::bigint AS exp
        FROM (SELECT position, split_part(jws, '.', 2) AS part FROM entry WHERE topic = 'graph') AS state
      ) AS said WHERE said.position = entry.position AND said.exp IS NOT NULL;
      CREATE INDEX entry_dead ON entry (issuer, dead_at) WHERE dead_at IS NOT NULL;
      CREATE INDEX entry_checkpoint ON entry (issuer, seq) WHERE topic = 'announce' AND type = 'log.checkpoint';
      CREATE TABLE checkpoint (
        issuer text NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 1),
        hash text NOT NULL CHECK (length(hash) = 43),
        state text NOT NULL CHECK (state IN ('confirmed', 'adopted', 'refused')),
        live_count bigint NOT NULL CHECK (live_count >= 0),
        code text,
        detail text,
        shown_by text,
        judged_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (issuer, seq, hash),
        CHECK ((state = 'refused') = (code IS NOT NULL))
      );
      COMMENT ON TABLE checkpoint IS 'Checkpoints that were judged. Snapshots are given, and entries forgotten, by those alone that are not refused.';
      COMMENT ON COLUMN checkpoint.shown_by IS 'Peer that gave the checkpoint; null where it came with the log.';
      CREATE TABLE forgotten_draft (
        draft_id uuid PRIMARY KEY,
        forgotten_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON TABLE forgotten_draft IS 'Drafts whose entries were forgotten: read again, they are not sealed a second time.';
      CREATE INDEX forgotten_draft_age ON forgotten_draft (forgotten_at);
      CREATE TABLE log_edge (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        position bigint NOT NULL CHECK (position >= 0)
      );
      COMMENT ON TABLE log_edge IS 'Last position whose entry was forgotten: behind it nothing is missing.';
      INSERT INTO log_edge (position) VALUES (0);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_edge; DROP TABLE forgotten_draft; DROP TABLE checkpoint; DROP INDEX entry_checkpoint; ALTER TABLE entry DROP dead_at, DROP exp;');
  }
}
