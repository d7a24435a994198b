import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { HealthRegistry, Metrics } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { Inbox } from './inbox/inbox.js';
import { openDataSource, type ServiceTables } from './open-data-source.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { Outbox } from './outbox/outbox.js';
import { persistenceCollector } from './persistence.metrics.js';
import { UnitOfWork } from './transaction.js';

/** Gives a service its data source, unit of work, outbox with relay, and inbox. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource, health: HealthRegistry, metrics: Metrics) {
    health.add({ name: 'postgres', check: async () => { await dataSource.query('SELECT 1'); } });
    metrics.collect(persistenceCollector(dataSource));
  }

  static forService(databaseUrl: string, tables: ServiceTables): DynamicModule {
    const dataSource = { provide: DataSource, useFactory: () => openDataSource(databaseUrl, tables) };
    return { module: PersistenceModule, global: true, providers: [dataSource, UnitOfWork, Outbox, Inbox, OutboxRelay], exports: [DataSource, UnitOfWork, Outbox, Inbox] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}
