import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { PeerAdmission, type AdmissionVerdict } from '@kula/platform-federation';
import { Clock, Metrics } from '@kula/platform-runtime';
import { ADMISSIONS } from '../metrics/federation.metrics.js';
import { LogConnection } from '../streams/log-connection.js';
import { isAgreed } from './domain/peer.js';
import { PeerDirectory } from './peer-directory.js';

/** What the door of the nats-server needs to know. */
export class DoorSettings {
  constructor(
    /** Seeds by which the server knows who may admit and who may end connections; undefined: the server asks nobody. */
    readonly seeds: { readonly issuerSeed: string; readonly systemNkeySeed: string } | undefined,
    readonly natsUrl: string,
    /** Peers that come without TLS are not let in. */
    readonly isEncrypted: boolean,
  ) {}
}

/**
 * Lets into the nats-server whom the table of peers lets in, in every instance, and throws out who is cut off.
 *
 * Whoever is linked, paused or draining comes in with its own key; nobody else does.
 */
@Injectable()
export class PeerDoor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PeerDoor.name);
  private readonly admission: PeerAdmission | undefined;
  private unwatch: (() => void) | undefined;
  private inside: ReadonlySet<string> = new Set();

  constructor(
    private readonly settings: DoorSettings, connection: LogConnection, private readonly directory: PeerDirectory, clock: Clock, private readonly metrics: Metrics,
  ) {
    const { seeds, natsUrl } = settings;
    this.admission = seeds && new PeerAdmission({
      connection: connection.connection, natsUrl, ...seeds, clock, decide: (publicNkey, isTls) => this.decide(publicNkey, isTls),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.admission?.start();
    this.inside = this.letIn();
    this.unwatch = this.directory.watch(() => void this.throwOut());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unwatch?.();
    await this.admission?.stop();
  }

  private decide(publicNkey: string, isTls: boolean): AdmissionVerdict {
    const known = this.directory.withNkey(publicNkey);
    if (known === undefined) return this.refused('unknown_key', 'its key belongs to no peer');
    if (!isAgreed(known.state)) return this.refused('not_linked', `${known.peer.name} is ${known.state}`);
    if (this.settings.isEncrypted && !isTls) return this.refused('without_tls', `${known.peer.name} comes without TLS`);
    this.metrics.add(ADMISSIONS, { decision: 'admitted' });
    return { nodeId: known.peer.nodeId };
  }

  private refused(decision: 'unknown_key' | 'not_linked' | 'without_tls', reason: string): AdmissionVerdict {
    this.metrics.add(ADMISSIONS, { decision });
    return { refused: reason };
  }

  /** Who may be connected, with the key it may be connected by. */
  private letIn(): ReadonlySet<string> {
    return new Set(this.directory.all().flatMap(({ peer, state }) => (isAgreed(state) && peer.publicNkey !== undefined ? [`${peer.nodeId} ${peer.publicNkey}`] : [])));
  }

  /** Every instance does it: another one may have let the peer in a moment ago. */
  private async throwOut(): Promise<void> {
    const before = this.inside;
    this.inside = this.letIn();
    for (const entry of before) {
      const [nodeId = ''] = entry.split(' ');
      if (this.inside.has(entry) || this.admission === undefined) continue;
      const count = await this.admission.dropPeer(nodeId);
      if (count > 0) this.logger.log(`${nodeId} is let in no more: ${count} connections ended`);
    }
  }
}
