import type { MigrationInterface, QueryRunner } from 'typeorm';

/** With which key each node signs that has changed the one its id is made of. */
export class AddNodeKeys1767268900000 implements MigrationInterface {
  readonly name = 'AddNodeKeys1767268900000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE node_key (
        node_id text COLLATE "C" PRIMARY KEY,
        key_no integer NOT NULL CHECK (key_no > 1),
        public_key text NOT NULL
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE node_key;');
  }
}
