import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which copy of the log stands still, and why. */
export class AddStalledCopies1767265800000 implements MigrationInterface {
  readonly name = 'AddStalledCopies1767265800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stalled_copy (
        copy text PRIMARY KEY,
        reason text NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON TABLE stalled_copy IS 'Streams to which entries cannot be copied now: one row for each, at most two.';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stalled_copy;');
  }
}
