import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { CreateMessageTables1767225600000 } from './base.migration.js';

/** A class TypeORM can work with. */
type ClassOf<Instance = object> = new (...args: never[]) => Instance;

/** What a service keeps in its own schema. */
export interface ServiceTables {
  /** Schema and login name: the service's name with underscores. */
  readonly schema: string;
  readonly entities: readonly (ClassOf | EntitySchema)[];
  readonly migrations: readonly ClassOf<MigrationInterface>[];
}

/** Schema name of a service. */
export const schemaOf = (service: string): string => service.replaceAll('-', '_');

/**
 * A connected data source with all migrations run.
 *
 * Replicas that start together migrate one after the other (advisory lock). The login's search path is set to its own
 * schema, so unqualified names in SQL mean the service's own tables and no others.
 */
export async function openDataSource(url: string, tables: ServiceTables): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres', url, schema: tables.schema, entities: [...tables.entities],
    migrations: [CreateMessageTables1767225600000, ...tables.migrations] as ClassOf[] as never[],
    migrationsTransactionMode: 'each', installExtensions: false, uuidExtension: 'pgcrypto',
    extra: { max: 10, options: `-c search_path=${tables.schema}`, connectionTimeoutMillis: 5_000 },
  });
  await dataSource.initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query(`SELECT pg_advisory_lock(hashtext($1))`, [`${tables.schema}.migrations`]);
    await dataSource.runMigrations();
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(hashtext($1))`, [`${tables.schema}.migrations`]);
    await runner.release();
  }
  return dataSource;
}
