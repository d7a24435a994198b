import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HealthRegistry } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { Links } from '../link/links.js';
import { EntryDistributor } from '../publishing/entry-distributor.js';
import { LogPublisher } from '../publishing/log-publisher.js';
import { DraftSealer } from '../sealing/draft-sealer.js';
import { LogConnection } from '../streams/log-connection.js';
import { ActiveInstance } from './active-instance.js';

/** Starts the duties of the service when it is up, and ends them before its connections close. */
@Injectable()
export class FederationRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly active: ActiveInstance;

  constructor(
    private readonly dataSource: DataSource, private readonly health: HealthRegistry, private readonly connection: LogConnection,
    publisher: LogPublisher, sealer: DraftSealer, distributor: EntryDistributor, links: Links,
  ) {
    this.active = new ActiveInstance(dataSource, [publisher, sealer, distributor, links]);
  }

  onApplicationBootstrap(): void {
    this.health.add({ name: 'log nats', check: async () => { await this.connection.connection.flush(); } });
    this.health.add({ name: 'log', check: () => this.refuseFault() });
    this.active.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.active.stop();
  }

  private async refuseFault(): Promise<void> {
    const [fault] = await this.dataSource.query<{ reason: string }[]>('SELECT reason FROM log_fault');
    if (fault !== undefined) throw new Error(fault.reason);
  }
}
