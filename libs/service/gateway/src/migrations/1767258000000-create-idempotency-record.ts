import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Requests by the key their caller gave them, with the answer once there is one. A row without an answer is in flight. */
export class CreateIdempotencyRecord1767258000000 implements MigrationInterface {
  readonly name = 'CreateIdempotencyRecord1767258000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_record (
        caller text NOT NULL,
        method text NOT NULL,
        path text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        attempt uuid NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        status integer,
        headers jsonb,
        body text,
        PRIMARY KEY (caller, method, path, key),
        CONSTRAINT idempotency_record_answer_is_whole CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)),
        CONSTRAINT idempotency_record_answer_is_definitive CHECK (status BETWEEN 200 AND 499)
      );
      CREATE INDEX idempotency_record_started ON idempotency_record (started_at);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_record;');
  }
}
