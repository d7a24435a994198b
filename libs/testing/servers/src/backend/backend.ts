import { ServerError } from '../process/server-error.js';
import { Databases } from './databases.js';
import { dockerAnswers, natsContainer, postgresContainer } from './docker.js';
import { embeddedNats, embeddedPostgres } from './embedded.js';
import type { BackendKind, TestServer } from './test-server.js';

export interface TestBackend {
  /** Where NATS comes from. */
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

const notOurs = (kind: BackendKind, url: string): TestServer => ({ kind, url, stop: () => Promise.resolve() });

function wantedKind(): 'docker' | 'embedded' | 'auto' {
  const wanted = process.env['KULA_TEST_BACKEND'] || 'auto';
  if (wanted === 'docker' || wanted === 'embedded' || wanted === 'auto') return wanted;
  throw new ServerError(`KULA_TEST_BACKEND=${wanted} is not one of docker, embedded, auto`);
}

/** The servers given by environment; both or none. */
function external(): { postgres: TestServer; nats: TestServer } | undefined {
  const [database, nats] = [process.env['TEST_DATABASE_URL'], process.env['TEST_NATS_URL']];
  if (!database && !nats) return undefined;
  if (!database || !nats) throw new ServerError('set both TEST_DATABASE_URL and TEST_NATS_URL, or neither');
  return { postgres: notOurs('external', database), nats: notOurs('external', nats) };
}

let hasWarned = false;

function warnOnce(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  if (!hasWarned) console.warn(`A Docker engine answers, but its containers do not start (${reason}); using embedded servers.`);
  hasWarned = true;
}

type Start = () => Promise<TestServer>;

/** In a container when asked for, or when an engine answers and the container starts; embedded otherwise. */
async function startEither(inDocker: Start, embedded: Start): Promise<TestServer> {
  const wanted = wantedKind();
  if (wanted === 'docker') return inDocker();
  if (wanted === 'auto' && !hasWarned && await dockerAnswers()) {
    try {
      return await inDocker();
    } catch (error) {
      warnOnce(error);
    }
  }
  return embedded();
}

/**
 * One Postgres for a whole test run: TEST_DATABASE_URL, else a container where a Docker engine answers, else embedded.
 *
 * The choice is passed on in `environment`, so that no spec asks again.
 */
export async function startSharedPostgres(): Promise<SharedPostgres> {
  const { kind, url, stop } = external()?.postgres ?? await startEither(postgresContainer, embeddedPostgres);
  const environment = kind === 'external' ? {} : { KULA_TEST_POSTGRES: url, KULA_TEST_BACKEND: kind };
  return { kind, superuserUrl: url, environment, stop };
}

async function testPostgres(): Promise<TestServer> {
  const shared = process.env['KULA_TEST_POSTGRES'];
  return shared ? notOurs('embedded', shared) : startEither(postgresContainer, embeddedPostgres);
}

/**
 * Postgres and NATS for one spec file: TEST_DATABASE_URL with TEST_NATS_URL when set, else containers where a Docker engine answers,
 * else embedded servers. KULA_TEST_BACKEND (docker, embedded, auto) decides otherwise; docker then fails loudly.
 *
 * Postgres is the run's shared one when KULA_TEST_POSTGRES names it; databases are always this call's own. NATS is this call's own,
 * with JetStream, unless external. Nothing started here keeps the process alive or outlives it.
 */
export async function startBackend(): Promise<TestBackend> {
  const given = external();
  const postgres = given?.postgres ?? await testPostgres();
  const databases = new Databases(postgres.url);
  try {
    const nats = given?.nats ?? await startEither(natsContainer, embeddedNats);
    return {
      kind: nats.kind,
      natsUrl: nats.url,
      databaseUrl: (name) => databases.create(name),
      stop: async () => {
        await nats.stop();
        await databases.drop();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
