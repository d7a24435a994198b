import { Client } from 'pg';
import { schemaOf } from './open-data-source.js';

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** SQL that gives each service one login and one schema of its own, and nothing else. May be run again. */
export function provisionSql(passwords: Readonly<Record<string, string>>): string {
  return Object.entries(passwords).map(([service, password]) => {
    const name = schemaOf(service);
    return `
      DO $$ BEGIN CREATE ROLE ${identifier(name)} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      ALTER ROLE ${identifier(name)} PASSWORD ${literal(password)};
      CREATE SCHEMA IF NOT EXISTS ${identifier(name)} AUTHORIZATION ${identifier(name)};
      ALTER ROLE ${identifier(name)} SET search_path = ${identifier(name)};`;
  }).join('\n');
}

/** Provisions a database by a superuser's address. */
export async function provisionDatabase(superuserUrl: string, passwords: Readonly<Record<string, string>>): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC; ${provisionSql(passwords)}`);
  } finally {
    await client.end();
  }
}
