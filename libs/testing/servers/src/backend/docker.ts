import { existsSync } from 'node:fs';
import { request } from 'node:http';
import type { RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ServerError } from '../process/server-error.js';
import type { TestServer } from './test-server.js';

const PING_MS_MAX = 800;
const POSTGRES_IMAGE = 'postgres:18';
const NATS_IMAGE = 'nats:2.14';
const POSTGRES_PASSWORD = 'testcontainers';

/** The part of Testcontainers used here; it is an optional package that needs a later Node than the project does. */
interface StartedContainer {
  getHost(): string;
  getMappedPort(port: number): number;
  stop(): Promise<unknown>;
}
interface Container {
  withExposedPorts(port: number): Container;
  withEnvironment(environment: Record<string, string>): Container;
  withCommand(command: string[]): Container;
  withWaitStrategy(strategy: unknown): Container;
  start(): Promise<StartedContainer>;
}
interface Testcontainers {
  readonly GenericContainer: new (image: string) => Container;
  readonly Wait: { forLogMessage(pattern: RegExp, times?: number): unknown };
}

function ping(where: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ ...where, path: '/_ping', timeout: PING_MS_MAX }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function engines(): RequestOptions[] {
  const host = process.env['DOCKER_HOST'];
  if (host?.startsWith('unix://')) return [{ socketPath: host.slice('unix://'.length) }];
  if (host?.startsWith('tcp://')) return [{ host: new URL(host).hostname, port: new URL(host).port || 2375 }];
  if (host) return [];
  const sockets = ['/var/run/docker.sock', join(homedir(), '.docker', 'run', 'docker.sock')];
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return [...sockets, ...(runtime ? [join(runtime, 'docker.sock')] : [])].filter((path) => existsSync(path)).map((socketPath) => ({ socketPath }));
}

/** Whether a Docker engine answers at DOCKER_HOST or at one of the usual sockets; under a second. */
export async function dockerAnswers(): Promise<boolean> {
  const answers = await Promise.all(engines().map(ping));
  return answers.includes(true);
}

async function testcontainers(): Promise<Testcontainers> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 22)) throw new ServerError(`Testcontainers needs Node 22.22 or later, this is ${process.versions.node}`);
  // By a name the compiler does not follow: where the package is missing, everything else still works.
  const name = 'testcontainers';
  return await import(name) as Testcontainers;
}

/** A forgetful Postgres in a container; its URL is the superuser's. Pulls the image when missing. */
export async function postgresContainer(): Promise<TestServer> {
  const { GenericContainer, Wait } = await testcontainers();
  const container = await new GenericContainer(POSTGRES_IMAGE)
    .withExposedPorts(5432)
    .withEnvironment({ POSTGRES_PASSWORD })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off', '-c', 'max_connections=200'])
    // The image starts the server once to prepare it and once to stay.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  const url = `postgres://postgres:${POSTGRES_PASSWORD}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return { kind: 'docker', url, stop: async () => { await container.stop(); } };
}

/** A nats-server with JetStream in a container. Pulls the image when missing. */
export async function natsContainer(): Promise<TestServer> {
  const { GenericContainer, Wait } = await testcontainers();
  const container = await new GenericContainer(NATS_IMAGE)
    .withExposedPorts(4222)
    .withCommand(['-js'])
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  return { kind: 'docker', url: `nats://${container.getHost()}:${container.getMappedPort(4222)}`, stop: async () => { await container.stop(); } };
}
