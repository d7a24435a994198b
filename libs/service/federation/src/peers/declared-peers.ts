import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import { moved, newPeer, stateAfter, type Declared, type PeerRecord } from './domain/peer.js';
import { PeerDesk } from './peer-desk.js';
import { PeerRepository } from './peer.repository.js';
import { parsePeers, textOfPeersFile, type ListedPeer } from './peers-file.js';

const READ_MS = 1_000;

/**
 * Takes the peers file into the table of peers, when the service starts and within a second of every change.
 *
 * The file is a declaration: whoever stands in it is linked, whoever is taken out is no peer any more. What an operator decides
 * later wins over it: a peer that was paused, drained, suspended or blocked stays so, and one that was suspended or blocked
 * stays so even when it is taken out. A file that is wrong changes nothing; at the start it keeps the service from starting.
 */
@Injectable()
export class DeclaredPeers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DeclaredPeers.name);
  private readonly task: RepeatingTask;
  private text = '';
  private refusedText: string | undefined;

  private constructor(
    private readonly file: string | undefined, private readonly ownNodeId: string, private readonly desk: PeerDesk, private readonly peers: PeerRepository,
  ) {
    this.task = new RepeatingTask('reading the peers file', () => this.refresh(), { pauseMs: READ_MS, logger: this.logger });
  }

  /** Takes the file in for the first time. @throws SettingsError where it is wrong or missing. */
  static async open(at: { readonly file: string | undefined; readonly ownNodeId: string }, desk: PeerDesk, peers: PeerRepository): Promise<DeclaredPeers> {
    const declared = new DeclaredPeers(at.file, at.ownNodeId, desk, peers);
    if (at.file !== undefined) await declared.take(await textOfPeersFile(at.file));
    return declared;
  }

  onApplicationBootstrap(): void {
    if (this.file !== undefined) this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  private async refresh(): Promise<boolean> {
    const text = await textOfPeersFile(this.file ?? '');
    if (text === this.text || text === this.refusedText) return false;
    await this.take(text);
    return false;
  }

  private async take(text: string): Promise<void> {
    const listed = this.read(text);
    await this.desk.together(async (tx) => {
      const named = new Set(listed.map(({ nodeId }) => nodeId));
      for (const peer of await this.peers.declared(tx)) if (!named.has(peer.nodeId)) await this.desk.changeIn(peer.nodeId, (before) => this.undeclared(before), tx);
      for (const peer of listed) await this.desk.changeIn(peer.nodeId, (before) => this.declared(before, peer), tx);
    });
    this.text = text;
    this.refusedText = undefined;
    this.logger.log(`the peers file names ${listed.length} peers`);
  }

  private read(text: string): readonly ListedPeer[] {
    try {
      return parsePeers(text, this.ownNodeId);
    } catch (error) {
      this.refusedText = text;
      throw error;
    }
  }

  private declared(before: PeerRecord | undefined, listed: ListedPeer): PeerRecord | undefined {
    const known = before ?? newPeer({ nodeId: listed.nodeId, name: listed.name, state: 'linked' }, this.desk.now());
    const after = moved(known, declaredState(before) ?? known.state, this.desk.now());
    const said: PeerRecord = {
      ...after, name: listed.name, natsUrl: listed.natsUrl ?? null, linkNkeySeed: listed.nkeySeed ?? null, peerNkey: listed.publicNkey ?? null,
      view: listed.view, declared: extrasOf(listed),
    };
    return before !== undefined && JSON.stringify(said) === JSON.stringify(before) ? before : said;
  }

  private undeclared(before: PeerRecord | undefined): PeerRecord | undefined {
    return before === undefined || stateAfter(before, 'undeclare') === 'stranger' ? undefined : { ...before, declared: null };
  }
}

function declaredState(before: PeerRecord | undefined): PeerRecord['state'] | undefined {
  const state = stateAfter(before, 'declare');
  return state === 'stranger' ? undefined : state;
}

/** In one order, however the file was written and however the database gives it back. */
function extrasOf({ apiPrefix, inboxPrefix, tls }: ListedPeer): Declared {
  const { caFile, certFile, keyFile } = tls ?? {};
  return {
    apiPrefix, ...(inboxPrefix !== undefined && { inboxPrefix }),
    ...(tls !== undefined && { tls: { ...(caFile !== undefined && { caFile }), ...(certFile !== undefined && { certFile }), ...(keyFile !== undefined && { keyFile }) } }),
  };
}
