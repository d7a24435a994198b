import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Later keys of issuers, why nothing is sealed, the view of a link, and issuers that are parked. */
export class AddNodeKeys1767265300000 implements MigrationInterface {
  readonly name = 'AddNodeKeys1767265300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE node_key (
        issuer text NOT NULL REFERENCES issuer_head,
        key_no integer NOT NULL CHECK (key_no >= 2),
        public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
        from_seq bigint NOT NULL CHECK (from_seq >= 2),
        PRIMARY KEY (issuer, key_no)
      );
      ALTER TABLE issuer_head ADD recovery_key_hash text CHECK (length(recovery_key_hash) = 43);
      UPDATE issuer_head SET recovery_key_hash = said.hash FROM (
        SELECT issuer, convert_from(decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb #>> '{body,recovery_key_hash}' AS hash
        FROM (SELECT issuer, split_part(jws, '.', 2) AS part FROM entry WHERE seq = 1 AND topic = 'announce' AND type = 'node.announced') AS first
      ) AS said WHERE said.issuer = issuer_head.issuer AND said.hash ~ '^[A-Za-z0-9_-]{43}$';
      CREATE TABLE sealing_hold (
        condition text PRIMARY KEY CHECK (condition IN ('log', 'key')),
        reason text NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE parked_issuer (
        issuer text PRIMARY KEY,
        code text NOT NULL,
        until_ms bigint NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      );
      ALTER TABLE link ADD view text NOT NULL DEFAULT 'own' CHECK (view IN ('own', 'all'));`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE link DROP view; DROP TABLE parked_issuer; DROP TABLE sealing_hold; ALTER TABLE issuer_head DROP recovery_key_hash; DROP TABLE node_key;');
  }
}
