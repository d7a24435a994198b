import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { EntryDraft } from '@kula/contracts';
import { DevNetwork, type DevNode } from '@kula/testing-dev-network';

/** Bytes of the text in a body: about 1 KiB of JSON. */
const TEXT_BYTES = 980;
const IN_FLIGHT = 500;
/** Clock ticks of /proc/PID/stat a second, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Nodes that run nothing but their federation service, linked in a mesh or to the first one only. */
export async function withLogNetwork<Result>(
  names: readonly string[], shape: 'mesh' | 'star', work: (network: DevNetwork) => Promise<Result>,
): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'kula-bench-'));
  const [hub = '', ...others] = names;
  try {
    const network = await DevNetwork.start({
      nodes: names.map((name) => ({ name, title: name, processes: 'each' as const, services: ['federation' as const] })), dir, durable: true,
      ...(shape === 'star' && { links: others.map((name) => [hub, name] as const) }),
    });
    try {
      return await work(network);
    } finally {
      await network.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A node seen from its own bus: what is drafted there, and what is handed to its services. */
export class LogDesk {
  private readonly awaited = new Map<string, (at: number) => void>();
  private counted = 0;
  private target: { readonly count: number; readonly reached: () => void } | undefined;
  /** When the first entry since `expect` arrived. */
  firstAt = 0;

  private constructor(readonly node: DevNode, readonly connection: NatsConnection, private readonly jetstream: JetStreamClient) {}

  static async open(node: DevNode): Promise<LogDesk> {
    const connection = await connect(node.bus());
    const desk = new LogDesk(node, connection, jetstream(connection));
    connection.subscribe('fedin.bench', { callback: (_error, message) => desk.arrived(message.string()) });
    await connection.flush();
    return desk;
  }

  /** Drafts entries of about 1 KiB, many in flight. Resolves when the node has taken them in. */
  async draft(count: number, word: string): Promise<void> {
    const text = 'x'.repeat(TEXT_BYTES);
    for (let from = 0; from < count; from += IN_FLIGHT) {
      const batch = Array.from({ length: Math.min(IN_FLIGHT, count - from) }, (_unused, index) => draftOf(`${word} ${from + index}`, text));
      await Promise.all(batch.map((each) => this.jetstream.publish('fedout.bench', JSON.stringify(each))));
    }
  }

  /** Resolves with the moment at which the entry about a subject has been handed to the services here. */
  async arrival(subject: string): Promise<number> {
    return new Promise((resolve) => { this.awaited.set(subject, resolve); });
  }

  /** Resolves when as many more entries have arrived. */
  async expect(count: number): Promise<void> {
    this.counted = 0;
    this.firstAt = 0;
    await new Promise<void>((reached) => { this.target = { count, reached }; });
    this.target = undefined;
  }

  async close(): Promise<void> { await this.connection.close(); }

  private arrived(text: string): void {
    const at = performance.now();
    if (this.firstAt === 0) this.firstAt = at;
    this.counted += 1;
    if (this.counted === this.target?.count) this.target.reached();
    if (this.awaited.size === 0) return;
    const { subject } = JSON.parse(text) as { readonly subject: string };
    this.awaited.get(subject)?.(at);
    this.awaited.delete(subject);
  }
}

const draftOf = (subject: string, text: string): EntryDraft => ({ id: randomUUID(), topic: 'bench', type: 'bench.noted', subject, body: { text } });

/** Seconds of CPU a process has used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
