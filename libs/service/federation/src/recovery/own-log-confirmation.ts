import { Injectable, Logger } from '@nestjs/common';
import { invariant, nextState } from '@kula/kernel-primitives';
import type { Head, HeadVector, OwnLogVerdict, WordOfPeer } from '@kula/kernel-federation-log';
import { Clock, RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { LogGate } from '../log/log-gate.js';
import { PeerDirectory, type Peer } from '../peers/peer-directory.js';
import { AskOwnHead } from './ask-own-head.js';
import { OWN_LOG_INITIAL, OWN_LOG_TRANSITIONS, type OwnLogEvent, type OwnLogState } from './domain/own-log.transitions.js';
import { JudgeHeldLog } from './judge-held-log.js';
import { OwnLogSuspicions } from './own-log-suspicions.js';
import { RecoverOwnLog } from './recover-own-log.js';

/** Peers whose word is waited for, as far as there are so many. */
const WORDS_NEEDED = 2;
/** A node that was away for longer waits so long for all of them first: the newest entries may be with one of them only. */
const ALL_WORDS_MS = 60_000;
/** A node that was signing so short a time ago waits WORDS_MS_MAX at most: a short restart must not depend on others. */
const SHORT_RESTART_MS = 60_000;
const WORDS_MS_MAX = 5_000;
const LOOK_MS = 250;
const ASK_AGAIN_MS = 2_000;
const BEAT_MS = 10_000;
/** How long a peer is not believed that has named entries of ours and shown none. */
const DISBELIEF_MS = 600_000;
/** How long a peer may take to show what it names, from the first question on: one that is silent must not keep a node from signing for good. */
const SHOWING_MS_MAX = 60_000;
/** How long the word of a peer is waited for that has passed on an own entry. */
const HINT_MS = 10_000;

/**
 * Lets this node sign only while nobody is known to hold more of its log than it holds itself.
 *
 * To seal on a log that has lost entries gives their numbers out a second time: equivocation, for which every peer freezes
 * this node. So peers are asked first, whenever this instance becomes the active one and whenever anything shows more.
 */
@Injectable()
export class OwnLogConfirmation implements Duty {
  private readonly logger = new Logger(OwnLogConfirmation.name);
  private readonly words = new Map<string, Head | null>();
  /** The words on which signing was let last: what a peer falls back to that claims more and shows none. */
  private agreed: ReadonlyMap<string, Head | null> = new Map();
  private readonly disbelievedUntil = new Map<string, number>();
  private readonly asking = new Map<string, Promise<void>>();
  private readonly askAgainAt = new Map<string, number>();
  /** Peers that have passed on an entry of ours that we lack: that is no word yet, they may hold more. Until when it is waited for. */
  private readonly hinted = new Map<string, number>();
  /** Since when peers have been asked to show what they name. */
  private readonly showingSince = new Map<string, number>();
  private state: OwnLogState = OWN_LOG_INITIAL;
  private task: RepeatingTask | undefined;
  private isBegun = false;
  /** Counts what speaks against signing: what was judged before it came is not acted on. */
  private doubts = 0;
  private pauses = 0;
  private patientUntil = Infinity;
  private allNeededUntil = 0;
  private noting: Promise<void> = Promise.resolve();
  private beatAt = 0;

  constructor(
    private readonly gate: LogGate, private readonly clock: Clock, private readonly peers: PeerDirectory, private readonly askOwnHead: AskOwnHead,
    private readonly judgeHeldLog: JudgeHeldLog, private readonly recovery: RecoverOwnLog, suspicions: OwnLogSuspicions,
  ) {
    suspicions.reportTo((peer, head) => this.suspect(peer, head));
  }

  start(): void {
    for (const forgotten of [this.words, this.askAgainAt, this.disbelievedUntil, this.hinted, this.showingSince]) forgotten.clear();
    this.agreed = new Map();
    this.state = OWN_LOG_INITIAL;
    this.isBegun = false;
    this.task = new RepeatingTask('confirming the own log', () => this.work(), { pauseMs: LOOK_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task?.stop();
    this.task = undefined;
    this.gate.forgetSealing('log');
    await Promise.all(this.asking.values());
  }

  /** Takes a peer's word on this node's log from all that it says it holds. */
  async hear(peer: Peer, vector: HeadVector): Promise<void> {
    const word = this.askOwnHead.wordIn(vector);
    if (this.task !== undefined) await this.take(peer, word);
  }

  /** Keeps this node from signing and from being confirmed while work goes on that changes its log. */
  async during<Result>(reason: string, work: () => Promise<Result>): Promise<Result> {
    this.pauses += 1;
    try {
      await this.doubt(reason);
      return await work();
    } finally {
      this.pauses -= 1;
    }
  }

  /** A peer has shown an own entry that is not held. It is asked how far its copy goes before anything is signed. */
  private async suspect(peer: string, head: Head): Promise<void> {
    this.words.set(peer, head);
    this.hinted.set(peer, this.now() + HINT_MS);
    this.askAgainAt.delete(peer);
    await this.doubt(`a peer holds an entry ${head.seq} of this node's log that this node does not`);
  }

  /** Signing stops before anything else is done. */
  private async doubt(reason: string): Promise<void> {
    this.doubts += 1;
    this.patientUntil = Infinity;
    await this.gate.holdSealing(reason);
    if (this.state === 'confirmed') await this.enter('doubt');
    this.task?.nudge();
  }

  private async take(peer: Peer, word: Head | null): Promise<void> {
    const isBeyond = word !== null && await this.judgeHeldLog.isBeyond(word);
    if (isBeyond && this.now() < (this.disbelievedUntil.get(peer.nodeId) ?? 0)) return;
    this.words.set(peer.nodeId, word);
    this.hinted.delete(peer.nodeId);
    if (isBeyond && this.state === 'confirmed') await this.doubt(`${peer.name} says that it holds more of this node's log than this node`);
    else this.task?.nudge();
  }

  /** One look at everything. Answers true where the next look may come to more at once. */
  private async work(): Promise<boolean> {
    if (this.pauses > 0 || !this.gate.isOpen) return false;
    if (!this.isBegun) await this.begin();
    const doubts = this.doubts;
    const at = await this.judgeHeldLog.contradictedAt();
    if (at !== undefined) return this.standContradicted(at);
    if (this.state === 'contradicted') await this.enter('release');
    if (this.state === 'confirmed') return this.beat();
    const linked = this.peers.linked();
    this.askTheSilent(linked);
    const verdict = await this.judgeHeldLog.handle(this.wordsOf(linked), this.wordsNeeded(linked));
    if (doubts !== this.doubts) return true;
    return verdict.verdict === 'agreed' && this.awaitsHinted(linked) ? false : this.follow(verdict, doubts);
  }

  private awaitsHinted(linked: readonly Peer[]): boolean {
    return linked.some(({ nodeId }) => this.now() < (this.hinted.get(nodeId) ?? 0));
  }

  /** All of them at first, but for those that name what they do not show; then as many as make it unlikely that all are behind. */
  private wordsNeeded(linked: readonly Peer[]): number {
    const now = this.now();
    const least = Math.min(WORDS_NEEDED, linked.length);
    if (now >= this.allNeededUntil) return least;
    return Math.max(least, linked.filter(({ nodeId }) => now >= (this.disbelievedUntil.get(nodeId) ?? 0)).length);
  }

  private async begin(): Promise<void> {
    const { aliveMsAgo } = await this.recovery.standing();
    const isShort = aliveMsAgo !== null && aliveMsAgo < SHORT_RESTART_MS;
    this.patientUntil = isShort ? this.now() + WORDS_MS_MAX : Infinity;
    this.allNeededUntil = isShort ? 0 : this.now() + ALL_WORDS_MS;
    await this.recovery.enter(this.state);
    this.isBegun = true;
  }

  private async follow(verdict: OwnLogVerdict, doubts: number): Promise<boolean> {
    if (verdict.verdict === 'behind') return this.fetch(verdict.holders, verdict.to);
    if (verdict.verdict === 'contradicted') return this.fetch([verdict.peer], { seq: verdict.at });
    if (this.state === 'recovering') await this.enter('catch_up');
    if (verdict.verdict === 'agreed' || this.now() >= this.patientUntil) return this.confirm('agree', doubts);
    const { isAllowed } = await this.recovery.standing();
    if (isAllowed) return this.confirm('allow', doubts);
    await this.gate.holdSealing(`${verdict.heard} of ${verdict.needed} peers have said what they hold of this node's log; it signs when they have, or when an operator confirms it`);
    return false;
  }

  /** Fetches from the first holder that gives something. One that gives nothing has given no word either. */
  private async fetch(holders: readonly string[], to: Pick<Head, 'seq'>): Promise<boolean> {
    if (this.state === 'waiting') await this.enter('fall_behind');
    await this.gate.holdSealing(`peers hold entries of this node's log that it does not, up to ${to.seq}: they are being fetched back`);
    for (const nodeId of holders) {
      const peer = this.peers.find(nodeId);
      const outcome = peer === undefined ? 'empty' : await this.recovery.fetch(peer, to);
      if (outcome !== 'unreachable') this.showingSince.delete(nodeId);
      if (outcome === 'fetched') return true;
      if (outcome === 'empty' || this.isSilentTooLong(nodeId)) this.disbelieve(nodeId);
    }
    return false;
  }

  private isSilentTooLong(nodeId: string): boolean {
    const since = this.showingSince.get(nodeId) ?? this.now();
    this.showingSince.set(nodeId, since);
    return this.now() - since >= SHOWING_MS_MAX;
  }

  private disbelieve(nodeId: string): void {
    const before = this.agreed.get(nodeId);
    if (before === undefined) this.words.delete(nodeId);
    else this.words.set(nodeId, before);
    this.disbelievedUntil.set(nodeId, this.now() + DISBELIEF_MS);
    this.showingSince.delete(nodeId);
    this.hinted.delete(nodeId);
    this.logger.warn(`${nodeId} names entries of this node that it does not show: what it says is not counted`);
  }

  private async confirm(event: 'agree' | 'allow', doubts: number): Promise<boolean> {
    await this.recovery.complete();
    if (doubts !== this.doubts) return true;
    await this.enter(event);
    if (doubts !== this.doubts) return true;
    this.agreed = new Map(this.words);
    this.beatAt = 0;
    await this.gate.letSeal('log');
    return true;
  }

  private async standContradicted(at: number): Promise<boolean> {
    if (this.state !== 'contradicted') await this.enter('contradict');
    await this.gate.holdSealing(`this node has contradicted itself at entry ${at} of its log: nothing is signed until an operator decides`);
    return false;
  }

  private async beat(): Promise<boolean> {
    if (this.now() < this.beatAt) return false;
    await this.recovery.beat();
    this.beatAt = this.now() + BEAT_MS;
    return false;
  }

  private wordsOf(linked: readonly Peer[]): WordOfPeer[] {
    return linked.flatMap(({ nodeId }) => (this.words.has(nodeId) ? [{ peer: nodeId, head: this.words.get(nodeId) ?? null }] : []));
  }

  /** Asks those who have not said anything, all at once, and again after a while. */
  private askTheSilent(linked: readonly Peer[]): void {
    for (const peer of linked) {
      const { nodeId } = peer;
      if ((this.words.has(nodeId) && !this.hinted.has(nodeId)) || this.asking.has(nodeId) || this.now() < (this.askAgainAt.get(nodeId) ?? 0)) continue;
      this.asking.set(nodeId, this.ask(peer).finally(() => {
        this.asking.delete(nodeId);
        this.askAgainAt.set(nodeId, this.now() + ASK_AGAIN_MS);
      }));
    }
  }

  private async ask(peer: Peer): Promise<void> {
    try {
      const word = await this.askOwnHead.handle(peer);
      if (word !== undefined) await this.take(peer, word);
    } catch (error) {
      this.logger.warn(`the word of ${peer.name} is lost: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async enter(event: OwnLogEvent): Promise<void> {
    const state = nextState(OWN_LOG_TRANSITIONS, this.state, event);
    invariant(state !== undefined, `the own log that is ${this.state} cannot ${event}`);
    this.state = state;
    // One after the other: a doubt may come while an agreement is being noted.
    this.noting = this.noting.catch(() => undefined).then(() => this.recovery.enter(state, event !== 'agree' && event !== 'allow'));
    await this.noting;
  }

  private now(): number { return this.clock.now().getTime(); }
}
