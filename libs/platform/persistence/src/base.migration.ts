import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables every service has: outbox, inbox, federation entries whose content was refused, and those that await their cause. */
export class CreateMessageTables1767225600000 implements MigrationInterface {
  readonly name = 'CreateMessageTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox_message (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        subject text NOT NULL,
        payload jsonb NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz
      );
      CREATE INDEX outbox_message_waiting ON outbox_message (position) WHERE published_at IS NULL;
      CREATE TABLE inbox_message (
        consumer text NOT NULL,
        message_id text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, message_id)
      );
      CREATE TABLE refused_entry (
        entry_id text PRIMARY KEY,
        type text NOT NULL,
        code text NOT NULL,
        detail text NOT NULL,
        refused_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE awaiting_entry (
        consumer text NOT NULL,
        issuer text NOT NULL,
        seq bigint NOT NULL,
        cause text NOT NULL,
        entry jsonb NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, issuer, seq)
      );
      CREATE INDEX awaiting_entry_cause ON awaiting_entry (consumer, cause);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE awaiting_entry; DROP TABLE refused_entry; DROP TABLE inbox_message; DROP TABLE outbox_message;');
  }
}
