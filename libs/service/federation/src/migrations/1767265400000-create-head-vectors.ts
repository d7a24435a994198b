import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What peers say they hold, how this node stands with its own log, and what became of contradictions. */
export class CreateHeadVectors1767265400000 implements MigrationInterface {
  readonly name = 'CreateHeadVectors1767265400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE peer_head (
        peer text NOT NULL,
        issuer text NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 1),
        hash text NOT NULL CHECK (length(hash) = 43),
        said_at timestamptz NOT NULL,
        PRIMARY KEY (peer, issuer)
      );
      CREATE INDEX peer_head_of_issuer ON peer_head (issuer, peer);

      CREATE TABLE own_log_standing (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        state text NOT NULL CHECK (state IN ('waiting', 'recovering', 'contradicted', 'confirmed')),
        since timestamptz NOT NULL DEFAULT now(),
        alive_at timestamptz,
        recovered_from bigint CHECK (recovered_from >= 1),
        allowed_at timestamptz,
        allowed_reason text
      );
      CREATE TABLE recovered_entry (
        seq bigint PRIMARY KEY,
        content_hash text NOT NULL CHECK (length(content_hash) = 43)
      );
      CREATE INDEX recovered_entry_content ON recovered_entry (content_hash, seq);

      ALTER TABLE equivocation
        DROP CONSTRAINT equivocation_issuer_fkey,
        ADD state text NOT NULL DEFAULT 'frozen' CHECK (state IN ('frozen', 'released')),
        ADD kept text CHECK (length(kept) = 43),
        ADD reason text,
        ADD released_at timestamptz,
        ADD is_found_here boolean NOT NULL DEFAULT true,
        ADD drafted_at timestamptz,
        ADD CHECK ((state = 'released') = (released_at IS NOT NULL));
      CREATE TABLE unkept_entry (
        issuer text NOT NULL,
        hash text NOT NULL CHECK (length(hash) = 43),
        PRIMARY KEY (issuer, hash)
      );
      CREATE TABLE awaited_proof (
        finder text NOT NULL,
        seq bigint NOT NULL,
        accused text NOT NULL,
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (finder, seq)
      );
      ALTER TABLE issuer_head DROP CONSTRAINT issuer_head_check, ADD CONSTRAINT issuer_head_agreed_up_to_check CHECK (agreed_up_to >= 0);
      ALTER TABLE refused_arrival DROP CONSTRAINT refused_arrival_peer_fkey;
      ALTER TABLE refusal_count DROP CONSTRAINT refusal_count_peer_fkey;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM refused_arrival WHERE peer NOT IN (SELECT peer FROM link);
      DELETE FROM refusal_count WHERE peer NOT IN (SELECT peer FROM link);
      ALTER TABLE refusal_count ADD FOREIGN KEY (peer) REFERENCES link;
      ALTER TABLE refused_arrival ADD FOREIGN KEY (peer) REFERENCES link;
      UPDATE issuer_head SET agreed_up_to = least(agreed_up_to, seq);
      ALTER TABLE issuer_head DROP CONSTRAINT issuer_head_agreed_up_to_check, ADD CONSTRAINT issuer_head_check CHECK (agreed_up_to BETWEEN 0 AND seq);
      DROP TABLE awaited_proof; DROP TABLE unkept_entry;
      DELETE FROM equivocation WHERE issuer NOT IN (SELECT issuer FROM issuer_head);
      ALTER TABLE equivocation DROP drafted_at, DROP is_found_here, DROP released_at, DROP reason, DROP kept, DROP state,
        ADD CONSTRAINT equivocation_issuer_fkey FOREIGN KEY (issuer) REFERENCES issuer_head;
      DROP TABLE recovered_entry; DROP TABLE own_log_standing; DROP TABLE peer_head;`);
  }
}
