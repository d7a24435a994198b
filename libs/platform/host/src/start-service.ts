import 'reflect-metadata';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { isFault, JetStreamConnection, JetStreamStrategy, natsOptions, OperationClient, OperationServer } from '@kula/platform-messaging';
import { HealthRegistry, Metrics, MetricsRegistry, NodeIdentity, readSettings, ServiceLogger, serviceSettings, type Environment, type ServiceSettings } from '@kula/platform-runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { HostModule } from './host.module.js';
import type { RunningService, ServiceDefinition } from './service-definition.js';

/** How long a request in hand may take to finish when the service stops. */
const GRACE_MS = 300;

/** Largest request body a gateway reads. */
const BODY_BYTES_MAX = 256 * 1024;

/** What Fastify itself refuses before any route is chosen: an address that cannot be decoded or is too long. */
function problemOfBadUrl({ statusCode = 400, message }: { readonly statusCode?: number | undefined; readonly message: string }) {
  return { type: 'about:blank', title: 'The address cannot be read', status: statusCode, detail: message, code: 'message.malformed' };
}

function newAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_BYTES_MAX,
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      const problem = problemOfBadUrl(error);
      void reply.code(problem.status).type('application/problem+json').send(problem);
    },
  });
}

/**
 * Starts one service: settings, migrations, both transports, HTTP where it has one.
 *
 * Resolves when the service answers. What it measures goes to `registry`, which services of one process share. @throws SettingsError when its settings are not right; nothing stays open then.
 */
export async function startService(definition: ServiceDefinition, env: Environment, registry = new MetricsRegistry()): Promise<RunningService> {
  const { name } = definition;
  const metrics = new Metrics(name, registry);
  const settings = readSettings(serviceSettings, name, env);
  const module = definition.module(settings, env);
  const jetstream = await JetStreamConnection.open(settings.KULA_NATS_URL, name);
  const operations = new OperationClient(settings.KULA_NATS_URL, name);
  try {
    await operations.connect();
    const root = HostModule.for(module, { node: new NodeIdentity(settings.KULA_NODE_ID), jetstream, operations, metrics });
    return await startApplication({ definition, env, settings, root, jetstream, metrics });
  } catch (error) {
    metrics.close();
    await operations.onApplicationShutdown();
    await jetstream.onApplicationShutdown();
    throw error;
  }
}

interface Prepared {
  readonly definition: ServiceDefinition;
  readonly env: Environment;
  readonly settings: ServiceSettings;
  readonly root: DynamicModule;
  readonly jetstream: JetStreamConnection;
  readonly metrics: Metrics;
}

async function startApplication({ definition, env, settings, root, jetstream, metrics }: Prepared): Promise<RunningService> {
  const { name } = definition;
  const logger = new ServiceLogger(name, settings.KULA_NODE_ID, settings.KULA_LOG_LEVEL);
  const app = await NestFactory.create(root, newAdapter(), { logger, abortOnError: false });
  const options = { ...natsOptions(settings.KULA_NATS_URL, name), queue: name, gracefulShutdown: true, gracePeriod: GRACE_MS };
  app.connectMicroservice<MicroserviceOptions>({ strategy: new OperationServer(options, metrics) });
  app.connectMicroservice<MicroserviceOptions>({ strategy: new JetStreamStrategy(name, { jetstream, isFault, metrics }) });
  const http = await definition.http?.(app, env);
  await app.startAllMicroservices();
  // Subscriptions travel to the server after they were made; only when it has them does the service answer.
  await app.getMicroservices()[0]?.unwrap<NatsConnection>().flush();
  const httpUrl = await listen(app, http?.port ?? settings.KULA_HEALTH_PORT, http?.host ?? '0.0.0.0');
  logger.log(`${name} is up`, 'start');
  const stop = async () => {
    metrics.close();
    await app.close();
  };
  return { name, httpUrl, stop, metrics: metrics.registry, report: () => app.get(HealthRegistry).report() };
}

/** Where the application listens, or null where it has no port. */
async function listen(app: INestApplication, port: number | undefined, host: string): Promise<string | null> {
  if (port === undefined) {
    await app.init();
    return null;
  }
  await app.listen(port, host);
  return app.getUrl();
}
