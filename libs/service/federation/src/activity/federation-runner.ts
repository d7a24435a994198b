import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HealthRegistry } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { LogConnection } from '../streams/log-connection.js';
import { ActiveInstance } from './active-instance.js';
import { DUTIES, type Duty } from './duty.js';

/** Starts the duties of the service when it is up, and ends them before its connections close. */
@Injectable()
export class FederationRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly active: ActiveInstance;

  constructor(
    private readonly dataSource: DataSource, private readonly health: HealthRegistry, private readonly connection: LogConnection,
    @Inject(DUTIES) duties: readonly Duty[],
  ) {
    this.active = new ActiveInstance(dataSource, duties);
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
