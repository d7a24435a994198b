import { ServerError } from '../process/server-error.js';
import { Databases } from './databases.js';
import { dockerAnswers, natsContainer, postgresContainer } from './docker.js';
import type { TestServer } from './docker.js';
import { embeddedNats, embeddedPostgres } from './embedded.js';

/** Where the servers of a test run come from. */
export type BackendKind = 'external' | 'docker' | 'embedded';

export interface TestBackend {
  readonly kind: BackendKind;
  readonly natsUrl: string;
  /** Superuser URL of a fresh empty database whose name begins as asked. */
  databaseUrl(name: string): Promise<string>;
  /** Drops the databases and stops what was started here. Safe to call twice. */
  stop(): Promise<void>;
}

/** One Postgres for a whole test run, handed to the specs by environment. */
export interface SharedPostgres {
  readonly kind: BackendKind;
  readonly superuserUrl: string;
  /** What the specs' environment needs so that `startBackend` uses this server. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

function wantedKind(): 'docker' | 'embedded' | 'auto' {
  const wanted = process.env['KULA_TEST_BACKEND'] || 'auto';
  if (wanted === 'docker' || wanted === 'embedded' || wanted === 'auto') return wanted;
  throw new ServerError(`KULA_TEST_BACKEND=${wanted} is not one of docker, embedded, auto`);
}

interface Recipe {
  readonly inDocker: () => Promise<TestServer>;
  readonly embedded: () => Promise<TestServer>;
}

let hasWarned = false;

function warnOnce(error: unknown): void {
  if (!hasWarned) console.warn(`A Docker engine answers, but its containers do not start (${error instanceof Error ? error.message : String(error)}); using embedded servers.`);
  hasWarned = true;
}

/** In a container when asked for, or when an engine answers and the container starts; embedded otherwise. */
async function startEither({ inDocker, embedded }: Recipe): Promise<{ kind: BackendKind; server: TestServer }> {
  const wanted = wantedKind();
  if (wanted === 'docker') return { kind: 'docker', server: await inDocker() };
  if (wanted === 'auto' && !hasWarned && await dockerAnswers()) {
    try {
      return { kind: 'docker', server: await inDocker() };
    } catch (error) {
      warnOnce(error);
    }
  }
  return { kind: 'embedded', server: await embedded() };
}

const startEitherPostgres = () => startEither({ inDocker: postgresContainer, embedded: embeddedPostgres });
const startEitherNats = () => startEither({ inDocker: natsContainer, embedded: embeddedNats });

function externalUrls(): { database: string; nats: string } | undefined {
  const [database, nats] = [process.env['TEST_DATABASE_URL'], process.env['TEST_NATS_URL']];
  if (!database && !nats) return undefined;
  if (!database || !nats) throw new ServerError('set both TEST_DATABASE_URL and TEST_NATS_URL, or neither');
  return { database, nats };
}

/**
 * One Postgres for a whole test run: TEST_DATABASE_URL, else a container where a Docker engine answers, else embedded.
 *
 * The choice is passed on in `environment`, so that no spec asks again.
 */
export async function startSharedPostgres(): Promise<SharedPostgres> {
  const urls = externalUrls();
  if (urls) return { kind: 'external', superuserUrl: urls.database, environment: {}, stop: () => Promise.resolve() };
  const { kind, server } = await startEitherPostgres();
  return {
    kind, superuserUrl: server.url, stop: () => server.stop(),
    environment: { KULA_TEST_POSTGRES: server.url, KULA_TEST_BACKEND: kind },
  };
}

/**
 * Postgres and NATS for one spec file: TEST_DATABASE_URL with TEST_NATS_URL when set, else containers where a Docker engine answers,
 * else embedded servers. KULA_TEST_BACKEND (docker, embedded, auto) decides otherwise; docker then fails loudly.
 *
 * Postgres is the run's shared one when KULA_TEST_POSTGRES names it; databases are always this call's own. NATS is this call's own,
 * with JetStream, unless external. Nothing started here keeps the process alive or outlives it.
 */
export async function startBackend(): Promise<TestBackend> {
  const urls = externalUrls();
  const started: TestServer[] = [];
  const stopAll = async (): Promise<void> => {
    for (const server of started.splice(0).reverse()) await server.stop();
  };
  const begin = async (run: () => Promise<{ kind: BackendKind; server: TestServer }>): Promise<{ kind: BackendKind; url: string }> => {
    const { kind, server } = await run();
    started.push(server);
    return { kind, url: server.url };
  };
  try {
    if (urls) return backendOf({ kind: 'external', postgresUrl: urls.database, natsUrl: urls.nats }, stopAll);
    const shared = process.env['KULA_TEST_POSTGRES'];
    const postgresUrl = shared || (await begin(startEitherPostgres)).url;
    const nats = await begin(startEitherNats);
    return backendOf({ kind: nats.kind, postgresUrl, natsUrl: nats.url }, stopAll);
  } catch (error) {
    await stopAll();
    throw error;
  }
}

interface Servers {
  readonly kind: BackendKind;
  readonly postgresUrl: string;
  readonly natsUrl: string;
}

function backendOf({ kind, postgresUrl, natsUrl }: Servers, stopAll: () => Promise<void>): TestBackend {
  const databases = new Databases(postgresUrl);
  return {
    kind, natsUrl,
    databaseUrl: (name) => databases.create(name),
    stop: async () => {
      await databases.drop();
      await stopAll();
    },
  };
}
