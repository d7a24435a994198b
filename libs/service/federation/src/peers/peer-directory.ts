import { readFile } from 'node:fs/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { linkView, nodeId, plainLine } from '@kula/contracts';
import { RepeatingTask, SettingsError } from '@kula/platform-runtime';
import { z } from 'zod';

const READ_MS = 1_000;

const peer = z.strictObject({
  nodeId, name: plainLine,
  /** Address of the peer's nats-server. Absent: the peer may read from this node, which does not read from it. */
  natsUrl: z.url({ protocol: /^(nats|tls)$/, error: 'must be a NATS address' }).optional(),
  /** Seed of the user NKey under which the peer knows this node. */
  nkeySeed: z.string().regex(/^SU[A-Z2-7]{56}$/, 'must be the seed of a user NKey').optional(),
  inboxPrefix: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'must be one NATS token').optional(),
  /** Where the peer's server answers for its stream: `$JS.API` where both sides share one account. */
  apiPrefix: z.string().regex(/^[$A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'must be a NATS subject').default('fedjs'),
  /** `all`: the peer is read as a relay of every log it holds. */
  view: linkView.default('own'),
  /** Public NKey with which the peer dials this node. */
  publicNkey: z.string().regex(/^U[A-Z2-7]{55}$/, 'must be the public part of a user NKey').optional(),
  tls: z.strictObject({ caFile: z.string().optional(), certFile: z.string().optional(), keyFile: z.string().optional() }).optional(),
});

const peerList = z.array(peer).max(1_000);

/** A node this one federates with. */
export type Peer = z.output<typeof peer>;

/** Whether entries of a node are taken: from anybody who carries them, or from nobody. */
export type IssuerStanding = 'admitted' | 'suspended' | 'blocked' | 'unknown';

/** What the peers file says. @throws SettingsError naming the first thing that is wrong; nothing is quoted, for it holds secrets. */
export function parsePeers(text: string, ownNodeId: string): readonly Peer[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new SettingsError('the peers file is not JSON');
  }
  const parsed = peerList.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SettingsError(`the peers file is wrong at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'unknown'}`);
  }
  const ids = new Set(parsed.data.map((each) => each.nodeId));
  if (ids.size !== parsed.data.length) throw new SettingsError('the peers file lists a node twice');
  if (ids.has(ownNodeId)) throw new SettingsError('the peers file lists this node itself');
  return parsed.data;
}

/** The peers of this node, read again within a second when their file changes. A file that is wrong changes nothing. */
@Injectable()
export class PeerDirectory implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PeerDirectory.name);
  private readonly watchers = new Set<() => void>();
  private readonly task: RepeatingTask;
  private text = '';
  private refusedText: string | undefined;
  private known: ReadonlyMap<string, Peer> = new Map();

  private constructor(private readonly file: string | undefined, private readonly ownNodeId: string) {
    this.task = new RepeatingTask('reading the peers file', () => this.refresh(), { pauseMs: READ_MS, logger: this.logger });
  }

  /** Reads the file for the first time. @throws SettingsError where it is wrong or missing. */
  static async open(file: string | undefined, ownNodeId: string): Promise<PeerDirectory> {
    const directory = new PeerDirectory(file, ownNodeId);
    if (file !== undefined) directory.take(await textOf(file));
    return directory;
  }

  onApplicationBootstrap(): void {
    if (this.file !== undefined) this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** Peers to keep a link to now, in the order of the file. */
  linked(): readonly Peer[] { return [...this.known.values()].filter(({ natsUrl }) => natsUrl !== undefined); }

  /** How the node of an entry stands: whether its entries are taken, whoever carries them. */
  standingOf(id: string): IssuerStanding { return this.known.has(id) ? 'admitted' : 'unknown'; }

  /** Whether a node that asks over its link is answered. */
  answers(id: string): boolean { return this.known.has(id); }

  /** The peer of that id, whatever its standing. */
  find(id: string): Peer | undefined { return this.known.get(id); }

  /** Calls the watcher after a change. Answers how to stop that. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => { this.watchers.delete(watcher); };
  }

  private async refresh(): Promise<boolean> {
    const text = await textOf(this.file ?? '');
    if (text === this.text || text === this.refusedText) return false;
    try {
      this.take(text);
    } catch (error) {
      this.refusedText = text;
      throw error;
    }
    this.logger.log(`the peers file has changed: ${this.known.size} peers`);
    for (const watcher of this.watchers) watcher();
    return false;
  }

  private take(text: string): void {
    this.known = new Map(parsePeers(text, this.ownNodeId).map((each) => [each.nodeId, each]));
    this.text = text;
    this.refusedText = undefined;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError(`the peers file cannot be read: ${reason}`);
  }
}
