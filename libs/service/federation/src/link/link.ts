import { Logger } from '@nestjs/common';
import type { JsMsg } from '@nats-io/jetstream';
import type { OpenAnswer } from '@kula/contracts';
import { BATCH_ENTRIES_MAX } from '@kula/kernel-federation-log';
import { invariant, nextState } from '@kula/kernel-primitives';
import type { Peer } from '../peers/peer-directory.js';
import { plainReason } from '../peers/plain-reason.js';
import type { Span } from './backfill.js';
import type { Delivery, PlacedArrival } from './delivery.js';
import { LINK_TRANSITIONS, type LinkEvent, type LinkState } from './domain/link.transitions.js';
import { IssuerFrozenError, MissingEntriesError } from './link.errors.js';
import type { LinkAttempts } from './link.repository.js';
import type { LinkSurroundings } from './link-surroundings.js';
import { PeerSession } from './peer-session.js';

/** Messages on their way over all links together: with the largest entries about 260 MB. A link has its share, and never fewer than the least. */
const MESSAGES_TOTAL = 4_000;
const MESSAGES_MIN = 50;
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 10_000;

/** How long an issuer is left alone whose missing entries nobody has. */
const MISSING_MS = 30_000;

/**
 * Follows one peer's log: dials, opens at the cursor, takes what is delivered; after any trouble again from the cursor.
 *
 * Runs until it is stopped, or until the peer is found to have contradicted itself.
 */
export class Link {
  private readonly logger: Logger;
  private readonly stopping = new AbortController();
  private state: LinkState = 'stopped';
  private failures = 0;
  private running: Promise<void> | undefined;

  constructor(readonly peer: Peer, private readonly around: LinkSurroundings) {
    this.logger = new Logger(`link to ${peer.name}`);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the link has let go of its connection. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** True once the link has ended by itself: its peer has contradicted itself. */
  hasEnded = false;

  private get isStopping(): boolean { return this.stopping.signal.aborted; }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        await this.attempt();
      } catch (error) {
        if (error instanceof IssuerFrozenError && error.issuer === this.peer.nodeId) return this.end(error.message);
        if (!this.isStopping) await this.pauseAfter(error instanceof Error ? error : new Error(String(error)));
      }
    }
    await this.end();
  }

  private async attempt(): Promise<void> {
    await this.enter('dial');
    const { agreedUpTo } = await this.around.log.issuerLog(this.peer.nodeId);
    if (agreedUpTo !== undefined) throw new IssuerFrozenError(this.peer.nodeId, agreedUpTo);
    const session = await PeerSession.dial(this.peer, this.around.own.nodeId);
    const hangUp = () => { void session.close(); };
    this.stopping.signal.addEventListener('abort', hangUp, { once: true });
    try {
      await this.enter('connected');
      const answer = await this.open(session);
      await this.enter('opened', null);
      this.around.sessions.began(session);
      await this.around.headStart.handle(session, { head: answer.head, view: this.peer.view });
      const messagesMax = Math.max(MESSAGES_MIN, Math.min(BATCH_ENTRIES_MAX, Math.floor(MESSAGES_TOTAL / this.around.sessions.all().length)));
      await session.follow({ ...answer, messagesMax }, (batch) => this.take(batch, answer.epoch, session), this.stopping.signal);
    } finally {
      this.stopping.signal.removeEventListener('abort', hangUp);
      this.around.sessions.ended(session);
      await session.close();
    }
  }

  /** Opens at the cursor. In another epoch of the peer's stream, or with another view, it means nothing: everything comes again from 1 and is compared. */
  private async open(session: PeerSession): Promise<OpenAnswer> {
    const { links } = this.around;
    const { nodeId, view } = this.peer;
    const reached = await links.cursor(nodeId);
    const cursor = reached.view === view ? reached : { epoch: null, streamSeq: 0 };
    const answer = await session.open({ from: cursor.streamSeq + 1, epoch: cursor.epoch, view });
    if (answer.epoch !== cursor.epoch) await links.setCursor(nodeId, { epoch: answer.epoch, streamSeq: 0, view });
    return answer;
  }

  private async take(batch: readonly JsMsg[], epoch: string, session: PeerSession): Promise<void> {
    const runs = runsOf(batch);
    const last = runs.at(-1);
    for (const run of runs) {
      const cursor = run === last ? { cursor: { epoch, streamSeq: batch.at(-1)!.seq } } : {};
      await this.takeRun({ peer: this.peer.nodeId, ...run, ...cursor }, session);
    }
    this.failures = 0;
  }

  private async takeRun(run: Delivery, session: PeerSession): Promise<void> {
    const { acceptArrivals, backfill } = this.around;
    for (let rest = run; rest.arrivals.length > 0;) {
      const { done, gap, lacksKey = false } = await acceptArrivals.handle(rest);
      rest = { ...rest, arrivals: rest.arrivals.slice(done) };
      if (gap !== undefined && !await this.fill(rest, gap, session)) return;
      if (!lacksKey) continue;
      await backfill.extend(run.issuer, session);
      rest = { ...rest, isCaughtUp: true };
    }
  }

  /** Fetches what is missing before the rest. Answers false where the rest is passed over: of a relay's mixture, one issuer may be waiting for others. */
  private async fill(rest: Delivery, gap: Span, session: PeerSession): Promise<boolean> {
    const isOfPeer = rest.issuer === this.peer.nodeId;
    try {
      await this.around.backfill.fill(rest.issuer, gap, session);
      return true;
    } catch (error) {
      if (error instanceof IssuerFrozenError && error.issuer !== this.peer.nodeId) return true;
      if (isOfPeer || !(error instanceof MissingEntriesError)) throw error;
      await this.around.acceptArrivals.giveUp(rest, MISSING_MS);
      return false;
    }
  }

  private async pauseAfter(error: Error): Promise<void> {
    this.failures += 1;
    const words = plainReason(error);
    this.logger.warn(`broken (${this.failures} in a row), begins again at the cursor: ${words}`);
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(this.failures - 1, 10));
    const outlook = { attempts: this.failures, nextAttemptAt: new Date(Date.now() + pauseMs) };
    await this.enter('failed', words, outlook).catch((failure: unknown) => this.logger.warn(`the state is not recorded: ${String(failure)}`));
    await new Promise<void>((resolve) => {
      const end = () => { clearTimeout(timer); this.stopping.signal.removeEventListener('abort', end); resolve(); };
      const timer = setTimeout(end, pauseMs);
      this.stopping.signal.addEventListener('abort', end, { once: true });
      if (this.isStopping) end();
    });
  }

  private async end(lastError?: string): Promise<void> {
    if (lastError !== undefined) this.logger.error(lastError);
    this.hasEnded = true;
    if (this.state !== 'stopped') await this.enter('stop', lastError).catch((failure: unknown) => this.logger.warn(`the state is not recorded: ${String(failure)}`));
  }

  private async enter(event: LinkEvent, lastError?: string | null, outlook?: LinkAttempts): Promise<void> {
    const state = nextState(LINK_TRANSITIONS, this.state, event);
    invariant(state !== undefined, `a link that is ${this.state} cannot be ${event}`);
    this.state = state;
    await this.around.links.setState(this.peer.nodeId, state, lastError, outlook);
  }
}

/** A batch by issuers, each in order: logs do not wait for one another. Issuer and topic are what the subject says, nothing more. */
function runsOf(batch: readonly JsMsg[]): Pick<Delivery, 'issuer' | 'arrivals'>[] {
  const runs = new Map<string, PlacedArrival[]>();
  for (const message of batch) {
    const [, topic, issuer = ''] = message.subject.split('.');
    const run = runs.get(issuer) ?? [];
    if (run.length === 0) runs.set(issuer, run);
    run.push({ jws: message.string(), topic, streamSeq: message.seq });
  }
  return [...runs].map(([issuer, arrivals]) => ({ issuer, arrivals }));
}
