import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../nats/nats-server.js';
import { startPostgres } from '../postgres/postgres-server.js';
import type { TestServer } from './docker.js';

const freshFolder = (kind: string): string => mkdtempSync(join(tmpdir(), `kula-test-${kind}-`));

async function startedIn(folder: string, start: () => Promise<TestServer>): Promise<TestServer> {
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { url, stop } = await start();
    return { url, stop: async () => { await stop(); remove(); } };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A forgetful Postgres of our own in a temp folder that goes with it; its URL is the superuser's. */
export function embeddedPostgres(): Promise<TestServer> {
  const dataDir = freshFolder('postgres');
  return startedIn(dataDir, async () => {
    const server = await startPostgres({ dataDir, durable: false });
    return { url: server.superuserUrl, stop: () => server.stop() };
  });
}

/** A nats-server of our own with JetStream in a temp folder that goes with it. */
export function embeddedNats(): Promise<TestServer> {
  const storeDir = freshFolder('nats');
  return startedIn(storeDir, () => startNats({ storeDir, config: 'jetstream {}\n' }));
}
