import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when this node lacks what a peer has, how much each issuer has brought, and the bytes that came over each link. */
export class AddMeasures1767265700000 implements MigrationInterface {
  readonly name = 'AddMeasures1767265700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE peer_lag (
        peer text PRIMARY KEY,
        awaited_seq bigint NOT NULL CHECK (awaited_seq >= 1),
        since timestamptz NOT NULL
      );
      COMMENT ON TABLE peer_lag IS 'The entry of its own log that a peer said it had, that is not held here, and when it said so first.';
      CREATE TABLE issuer_tally (
        issuer text PRIMARY KEY,
        entries bigint NOT NULL CHECK (entries >= 0),
        bytes bigint NOT NULL CHECK (bytes >= 0)
      );
      COMMENT ON TABLE issuer_tally IS 'Entries of each issuer that were ever stored, and their signed bytes: forgetting entries takes nothing away.';
      CREATE TABLE tally_reach (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        position bigint NOT NULL CHECK (position >= 0)
      );
      COMMENT ON TABLE tally_reach IS 'Position of the last entry that is in the tally.';
      INSERT INTO tally_reach (position) VALUES (0);
      ALTER TABLE link ADD received_bytes bigint NOT NULL DEFAULT 0 CHECK (received_bytes >= 0);
      COMMENT ON COLUMN link.received_bytes IS 'Signed bytes of the entries received; counted since the column is there.';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE link DROP received_bytes; DROP TABLE tally_reach; DROP TABLE issuer_tally; DROP TABLE peer_lag;');
  }
}
