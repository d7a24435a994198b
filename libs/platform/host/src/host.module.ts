import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { JetStreamConnection, OperationClient } from '@kula/platform-messaging';
import { Chance, Clock, HealthRegistry, Metrics, NodeIdentity, SystemChance, SystemClock } from '@kula/platform-runtime';
import { HealthController } from './health.controller.js';

const rightHere = [
  { provide: Clock, useClass: SystemClock },
  { provide: Chance, useClass: SystemChance },
];

/** What was made for a service before its modules. */
export interface Surroundings {
  readonly node: NodeIdentity;
  readonly jetstream: JetStreamConnection;
  readonly operations: OperationClient;
  readonly metrics: Metrics;
}

/** The root module of a service: the node, clock, chance, connections, health and metrics for everybody, then the service's own module. */
@Module({})
export class HostModule {
  static for(service: Type | DynamicModule, { node, jetstream, operations, metrics }: Surroundings): DynamicModule {
    const health = new HealthRegistry();
    health.add({ name: 'nats', check: async () => { await jetstream.connection.flush(); } });
    const shared: DynamicModule = {
      module: SharedModule, global: true,
      providers: [
        ...rightHere, { provide: NodeIdentity, useValue: node }, { provide: HealthRegistry, useValue: health }, { provide: Metrics, useValue: metrics },
        { provide: JetStreamConnection, useFactory: () => jetstream }, { provide: OperationClient, useFactory: () => operations },
      ],
      exports: [NodeIdentity, Clock, Chance, HealthRegistry, Metrics, JetStreamConnection, OperationClient],
    };
    return { module: HostModule, imports: [shared, service], controllers: [HealthController] };
  }
}

/** Holder of what every module of a service may inject. */
@Module({})
class SharedModule {}
