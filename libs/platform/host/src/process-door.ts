import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsRegistry, MetricsSettings } from '@kula/platform-runtime';
import type { RunningService } from './service-definition.js';

interface Shown {
  readonly registry: MetricsRegistry;
  /** The services that are up; grows while the process starts. */
  readonly running: readonly RunningService[];
  /** How many there will be. */
  readonly total: number;
}

export interface ProcessDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The door for those who watch over a process: `/metrics`, `/livez` and `/readyz` of all its services together.
 *
 * For the inside of a machine or a cluster: it asks nobody who he is, and what it shows is not for everybody. Undefined where no port is set.
 */
export async function startProcessDoor({ KULA_METRICS_PORT: port, KULA_METRICS_HOST: host }: MetricsSettings, shown: Shown): Promise<ProcessDoor | undefined> {
  if (port === undefined) return undefined;
  const server = createServer((request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const answer = isRead ? ANSWERS[request.url?.split('?', 1)[0] ?? ''] : undefined;
    if (answer === undefined) send(response, { status: isRead ? 404 : 405, type: 'text/plain', body: 'Here are /metrics, /livez and /readyz.\n' });
    else void answer(shown).then((given) => send(response, given), (error: unknown) => send(response, { status: 500, type: 'text/plain', body: `${String(error)}\n` }));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const stop = () => new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

interface Answer { readonly status: number; readonly type: string; readonly body: string }

const json = (status: number, value: object): Answer => ({ status, type: 'application/json', body: JSON.stringify(value) });

const ANSWERS: Readonly<Record<string, (shown: Shown) => Promise<Answer>>> = {
  '/metrics': async ({ registry }) => ({ status: 200, type: registry.contentType, body: await registry.text() }),
  '/livez': async () => json(200, { status: 'alive' }),
  '/readyz': readiness,
};

/** Ready once every service of the process is up and has what it needs. */
async function readiness({ running, total }: Shown): Promise<Answer> {
  const services = await Promise.all(running.map(async ({ name, report }) => ({ name, checks: await report() })));
  const isReady = services.length === total && services.every(({ checks }) => checks.every((check) => check.isReady));
  return json(isReady ? 200 : 503, { status: isReady ? 'ready' : 'unready', starting: total - services.length, services });
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
