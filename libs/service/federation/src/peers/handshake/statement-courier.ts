import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DomainError } from '@kula/kernel-primitives';
import { RepeatingTask } from '@kula/platform-runtime';
import { afterWord, moved, stateAfter, type PeerRecord } from '../domain/peer.js';
import { PeerBlockedError, PeerIsAnotherError } from '../domain/peer.errors.js';
import { PeerDesk } from '../peer-desk.js';
import { PeerRepository } from '../peer.repository.js';
import { plainReason } from '../plain-reason.js';
import { GatewayClient, type LinkReply } from './gateway-client.js';
import { publicNkeyOf } from './link-keys.js';
import { LinkStatements } from './link-statements.js';

const LOOK_MS = 1_000;
const AT_ONCE = 5;
const PAUSE_MS_MIN = 2_000;
const PAUSE_MS_MAX = 10 * 60_000;
/** How often a request that waits for the other operator is repeated: its answer may be the only way to learn of the decision. */
const REMIND_MS = 5 * 60_000;

const nothingAgain = { error: null };

/**
 * Delivers what this node has to say about links until the other node has heard it: requests, agreements, withdrawals.
 *
 * Every instance may do it; a statement is taken for a minute by one of them. An answer may carry the signed word of the other
 * side, which then counts like one that it has sent.
 */
@Injectable()
export class StatementCourier implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(StatementCourier.name);
  private readonly task: RepeatingTask;
  /** Deliveries of this instance that are on their way. A statement must not overtake an earlier one. */
  private readonly onTheWay = new Map<string, Promise<void>>();

  constructor(
    private readonly peers: PeerRepository, private readonly desk: PeerDesk, private readonly statements: LinkStatements, private readonly gateways: GatewayClient,
  ) {
    this.task = new RepeatingTask('delivering statements about links', () => this.work(), { pauseMs: LOOK_MS, logger: this.logger });
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** Looks at once for something to deliver. */
  nudge(): void {
    this.task.nudge();
  }

  /**
   * Delivers what is owed to one peer now, and answers how the two stand then.
   *
   * @throws PeerBlockedError where the other node has blocked this one. Any other failure is recorded, and tried again later.
   */
  async deliverTo(nodeId: string): Promise<PeerRecord | undefined> {
    const peer = await this.peers.takeOwedTo(nodeId);
    if (peer !== undefined) await this.deliver(peer);
    return this.desk.change(nodeId, (now) => now);
  }

  private async work(): Promise<boolean> {
    const owed = await this.peers.takeOwed(AT_ONCE);
    await Promise.all(owed.map((peer) => this.deliver(peer).catch((error: unknown) => {
      if (!(error instanceof PeerBlockedError)) throw error;
    })));
    return owed.length === AT_ONCE;
  }

  private async deliver(peer: PeerRecord): Promise<void> {
    const before = this.onTheWay.get(peer.nodeId) ?? Promise.resolve();
    const delivery = before.catch(() => undefined).then(() => this.deliverNow(peer));
    this.onTheWay.set(peer.nodeId, delivery);
    try {
      await delivery;
    } finally {
      if (this.onTheWay.get(peer.nodeId) === delivery) this.onTheWay.delete(peer.nodeId);
    }
  }

  private async deliverNow(peer: PeerRecord): Promise<void> {
    try {
      await this.take(peer, await this.exchange(peer));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.noteFailure(peer, error);
      if (error instanceof PeerBlockedError) throw error;
    }
  }

  private async exchange({ nodeId, owes, gatewayUrl, linkNkeySeed }: PeerRecord): Promise<LinkReply> {
    if (owes === null || gatewayUrl === null || linkNkeySeed === null) return { state: 'asking', answer: null };
    return this.gateways.tell(gatewayUrl, await this.statements.make(nodeId, owes, publicNkeyOf(linkNkeySeed)));
  }

  /** What the answer changes. A word counts only where the other node has signed it. */
  private async take(peer: PeerRecord, { state, answer }: LinkReply): Promise<void> {
    if (answer !== null) {
      const word = await this.statements.check(answer);
      if (word.nodeId !== peer.nodeId) throw new PeerIsAnotherError(word.nodeId, peer.nodeId);
      await this.desk.change(peer.nodeId, (now) => heard(now && afterWord(now, word, { at: this.desk.now(), isFetched: true })));
      return;
    }
    if (state === 'asking' && peer.owes === 'asks' && peer.state === 'asked') return this.remindLater(peer);
    await this.desk.change(peer.nodeId, (now) => (now?.owes === peer.owes ? heard(now) : now));
  }

  private async remindLater(peer: PeerRecord): Promise<void> {
    await this.peers.noteDelivery(peer, { ...nothingAgain, nextAt: new Date(this.desk.now().getTime() + REMIND_MS) });
  }

  private async noteFailure(peer: PeerRecord, error: DomainError): Promise<void> {
    const attempts = await this.peers.owedAttempts(peer.nodeId);
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(attempts, 10));
    const words = plainReason(error);
    this.logger.warn(`${peer.name} has not heard that this node ${peer.owes}: ${words}`);
    await this.peers.noteDelivery(peer, { error: words, nextAt: new Date(this.desk.now().getTime() + pauseMs) });
    if (error instanceof PeerBlockedError && peer.state === 'asked') await this.desk.change(peer.nodeId, (now) => this.refused(now));
  }

  /** A request that the other node does not hear is as good as declined. */
  private refused(now: PeerRecord | undefined): PeerRecord | undefined {
    const state = stateAfter(now, 'theyDecline');
    return now?.state !== 'asked' || state !== 'declined' ? now : { ...moved(now, state, this.desk.now()), reason: 'the other node has blocked this one' };
  }
}

/** With nothing left to say. */
const heard = (peer: PeerRecord | undefined): PeerRecord | undefined => (peer === undefined || peer.owes === null ? peer : { ...peer, owes: null });
