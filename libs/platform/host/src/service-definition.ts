import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import type { Environment, HealthRegistry, MetricsRegistry, ServiceSettings } from '@kula/platform-runtime';

/** What makes a service: its name and the module that wires it, given its settings. */
export interface ServiceDefinition {
  /** Name in the layout: `matching-engine`. Also its queue group, its schema (with underscores) and its login. */
  readonly name: string;
  /** The service's module. It may read further settings of its own from the environment. */
  readonly module: (settings: ServiceSettings, env: Environment) => Type | DynamicModule;
  /** Port and wiring of a public HTTP server: only the gateway has one. */
  readonly http?: (app: INestApplication, env: Environment) => Promise<{ readonly host: string; readonly port: number }>;
}

/** A running service. */
export interface RunningService {
  readonly name: string;
  /** Where its HTTP server listens, or null where it has none. */
  readonly httpUrl: string | null;
  /** What is measured in it, and in the services it shares a process with. */
  readonly metrics: MetricsRegistry;
  /** What it needs, and whether that is there now. */
  report(): ReturnType<HealthRegistry['report']>;
  /** Stops taking work, finishes what is in hand, closes connections. */
  stop(): Promise<void>;
}
