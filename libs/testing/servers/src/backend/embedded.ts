import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../nats/nats-server.js';
import { startPostgres } from '../postgres/postgres-server.js';
import type { TestServer } from './test-server.js';

type Running = Pick<TestServer, 'url' | 'stop'>;

/** A server in a temp folder that goes when the server goes. */
async function inTempFolder(kind: string, start: (folder: string) => Promise<Running>): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), `kula-test-${kind}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { url, stop } = await start(folder);
    return { kind: 'embedded', url, stop: async () => { await stop(); remove(); } };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A forgetful Postgres of our own; its URL is the superuser's. */
export function embeddedPostgres(): Promise<TestServer> {
  return inTempFolder('postgres', async (dataDir) => {
    const server = await startPostgres({ dataDir, durable: false });
    return { url: server.superuserUrl, stop: () => server.stop() };
  });
}

/** A nats-server of our own with JetStream. */
export function embeddedNats(): Promise<TestServer> {
  return inTempFolder('nats', (storeDir) => startNats({ storeDir, config: 'jetstream {}\n' }));
}
