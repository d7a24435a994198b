import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was handed over, in the order in which it was applied. Nothing is unique: an entry applied twice stands there twice. */
export class CreateCounted1767265200000 implements MigrationInterface {
  readonly name = 'CreateCounted1767265200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE counted (
        ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        issuer text NOT NULL,
        seq bigint NOT NULL,
        hash text NOT NULL,
        note text NOT NULL
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE counted');
  }
}
