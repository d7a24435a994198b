import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { LinkView } from '@kula/contracts';
import { RepeatingTask } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { isAgreed, type PeerRecord } from './domain/peer.js';
import type { PeerState } from './domain/peer.transitions.js';
import { peerRecord, type PeerRow } from './peer.repository.js';

/** How long another instance may not have noticed a change. */
const READ_MS = 1_000;

/** How a peer's server proves what it is, and how this node does. */
export interface PeerTls {
  /** PEM of the authority the server's certificate is checked by. */
  readonly ca?: string;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** A node this one federates with. */
export interface Peer {
  readonly nodeId: string;
  readonly name: string;
  /** Address of the peer's nats-server. Absent: this node does not read from it. */
  readonly natsUrl?: string;
  /** Seed of the user NKey under which the peer knows this node. */
  readonly nkeySeed?: string;
  /** Public NKey with which the peer dials this node. */
  readonly publicNkey?: string;
  readonly inboxPrefix?: string;
  /** Where the peer's server answers for its stream: `$JS.API` where both sides share one account. */
  readonly apiPrefix: string;
  /** `all`: the peer is read as a relay of every log it holds. */
  readonly view: LinkView;
  readonly tls?: PeerTls;
  /** Another number is another connection, dialled now. */
  readonly retries: number;
}

/** Whether entries of a node are taken: from anybody who carries them, or from nobody. */
export type IssuerStanding = 'admitted' | 'suspended' | 'blocked' | 'unknown';

/** What is known of a node: as a peer, and by the list. */
interface Known {
  readonly peer: Peer;
  readonly state: PeerState;
  readonly isAllowed: boolean;
}

type DirectoryRow = PeerRow & { readonly verdict: 'allow' | 'block' | null };

/**
 * The peers of this node as the database has them, at hand: read again when this instance changes something, and every second
 * for what others have changed.
 */
@Injectable()
export class PeerDirectory implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PeerDirectory.name);
  private readonly watchers = new Set<() => void>();
  private readonly task: RepeatingTask;
  private revision = '-1';
  private turn: Promise<boolean> = Promise.resolve(false);
  private known: ReadonlyMap<string, Known> = new Map();
  private byNkey: ReadonlyMap<string, Known> = new Map();

  private constructor(private readonly dataSource: DataSource) {
    this.task = new RepeatingTask('reading the peers', () => this.refresh(), { pauseMs: READ_MS, logger: this.logger });
  }

  /** The directory with everything that is there. */
  static async open(dataSource: DataSource): Promise<PeerDirectory> {
    const directory = new PeerDirectory(dataSource);
    await directory.refresh();
    return directory;
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** Peers to keep a link to now, in the order of their ids. */
  linked(): readonly Peer[] {
    return [...this.known.values()].filter(({ peer, state }) => peer.natsUrl !== undefined && (state === 'linked' || state === 'draining')).map(({ peer }) => peer);
  }

  /**
   * How the node of an entry stands: whether its entries are taken, whoever carries them.
   *
   * Admitted are those with whom a link is agreed and those on the list who have asked for one or declined one; a block wins.
   */
  standingOf(nodeId: string): IssuerStanding {
    const known = this.known.get(nodeId);
    if (known === undefined) return 'unknown';
    if (known.state === 'blocked' || known.state === 'suspended') return known.state;
    return isAgreed(known.state) || known.isAllowed ? 'admitted' : 'unknown';
  }

  /** Whether a node that asks over its link is answered. */
  answers(nodeId: string): boolean {
    const state = this.stateOf(nodeId);
    return state !== undefined && isAgreed(state);
  }

  /** The peer of that id, whatever its standing. */
  find(nodeId: string): Peer | undefined { return this.known.get(nodeId)?.peer; }

  stateOf(nodeId: string): PeerState | undefined { return this.known.get(nodeId)?.state; }

  /** Every peer and how it stands, in the order of their ids. */
  all(): readonly { readonly peer: Peer; readonly state: PeerState }[] { return [...this.known.values()]; }

  /** The peer that dials this node with a public NKey, and how it stands. */
  withNkey(publicNkey: string): { readonly peer: Peer; readonly state: PeerState } | undefined { return this.byNkey.get(publicNkey); }

  /** Calls the watcher after a change. Answers how to stop that. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => { this.watchers.delete(watcher); };
  }

  /** Reads what has changed, if anything has. Answers false: there is no more to do at once. */
  refresh(): Promise<boolean> {
    // One after the other: a slow read must not put an older state in the place of a newer one.
    this.turn = this.turn.catch(() => false).then(() => this.read());
    return this.turn;
  }

  private async read(): Promise<boolean> {
    const [seen] = await this.dataSource.query<{ revision: string }[]>('SELECT revision FROM peer_revision');
    if (seen === undefined || seen.revision === this.revision) return false;
    const rows = await this.dataSource.query<DirectoryRow[]>(
      `SELECT peer.*, verdict FROM peer LEFT JOIN listed_node USING (node_id) ORDER BY node_id`,
    );
    const known = rows.map((row): Known => ({ peer: peerOf(peerRecord(row)), state: row.state, isAllowed: row.verdict === 'allow' }));
    this.known = new Map(known.map((each) => [each.peer.nodeId, each]));
    this.byNkey = new Map(known.flatMap((each) => (each.peer.publicNkey === undefined ? [] : [[each.peer.publicNkey, each]])));
    // Rows newer than the revision may be among them: they are then read once more.
    this.revision = seen.revision;
    for (const watcher of this.watchers) watcher();
    return false;
  }
}

function tlsOf({ tlsCa, declared }: PeerRecord): PeerTls | undefined {
  return declared === null ? (tlsCa === null ? undefined : { ca: tlsCa }) : declared.tls;
}

function peerOf(record: PeerRecord): Peer {
  const { nodeId, name, natsUrl, linkNkeySeed, peerNkey, view, declared, retries } = record;
  const tls = tlsOf(record);
  return {
    nodeId, name, view, retries, apiPrefix: declared?.apiPrefix ?? 'fedjs',
    ...(natsUrl !== null && { natsUrl }), ...(linkNkeySeed !== null && { nkeySeed: linkNkeySeed }), ...(peerNkey !== null && { publicNkey: peerNkey }),
    ...(declared?.inboxPrefix !== undefined && { inboxPrefix: declared.inboxPrefix }), ...(tls !== undefined && { tls }),
  };
}
