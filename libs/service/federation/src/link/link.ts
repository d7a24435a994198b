import { Logger } from '@nestjs/common';
import type { JsMsg } from '@nats-io/jetstream';
import type { OpenAnswer } from '@kula/contracts';
import { invariant, nextState } from '@kula/kernel-primitives';
import type { EntryLog } from '../log/entry-log.js';
import type { Peer } from '../peers/peer-directory.js';
import type { AcceptArrivals, PlacedArrival } from './accept-arrivals.js';
import { LINK_TRANSITIONS, type LinkEvent, type LinkState } from './domain/link.transitions.js';
import { IssuerFrozenError, MissingEntriesError } from './link.errors.js';
import type { LinkRepository } from './link.repository.js';
import { PeerSession } from './peer-session.js';
import type { PeerSessions } from './peer-sessions.js';

/** What every link of the node shares. */
export interface LinkSurroundings {
  readonly ownNodeId: string;
  readonly links: LinkRepository;
  readonly log: EntryLog;
  readonly acceptArrivals: AcceptArrivals;
  readonly sessions: PeerSessions;
}

const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 10_000;

/** Arrivals of one batch whose subjects name the same issuer. */
interface Run {
  readonly issuer: string;
  readonly arrivals: PlacedArrival[];
}

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
    const session = await PeerSession.dial(this.peer, this.around.ownNodeId);
    const hangUp = () => { void session.close(); };
    this.stopping.signal.addEventListener('abort', hangUp, { once: true });
    try {
      await this.enter('connected');
      const answer = await this.open(session);
      await this.enter('opened', null);
      this.around.sessions.began(session);
      await session.follow(answer, (batch) => this.take(batch, answer.epoch, session), this.stopping.signal);
    } finally {
      this.stopping.signal.removeEventListener('abort', hangUp);
      this.around.sessions.ended(session);
      await session.close();
    }
  }

  /** Opens at the cursor. In another epoch of the peer's stream the cursor means nothing: everything comes again from 1 and is compared. */
  private async open(session: PeerSession): Promise<OpenAnswer> {
    const { links } = this.around;
    const cursor = await links.cursor(this.peer.nodeId);
    const answer = await session.open({ from: cursor.streamSeq + 1, epoch: cursor.epoch, view: this.peer.view });
    if (answer.epoch !== cursor.epoch) await links.setCursor(this.peer.nodeId, { epoch: answer.epoch, streamSeq: 0 });
    return answer;
  }

  private async take(batch: readonly JsMsg[], epoch: string, session: PeerSession): Promise<void> {
    for (const run of runsOf(batch)) await this.takeRun(run, epoch, session);
    this.failures = 0;
  }

  private async takeRun({ issuer, arrivals }: Run, epoch: string, session: PeerSession): Promise<void> {
    for (let rest: readonly PlacedArrival[] = arrivals; rest.length > 0;) {
      const { done, gap } = await this.around.acceptArrivals.handle({ peer: this.peer.nodeId, issuer, arrivals: rest, epoch });
      if (gap === undefined) return;
      await this.fill(issuer, gap, session);
      rest = rest.slice(done);
    }
  }

  /** Fetches missing entries. @throws MissingEntriesError where the peer gives none that hold. */
  private async fill(issuer: string, { from, to }: { readonly from: number; readonly to: number }, session: PeerSession): Promise<void> {
    for (let next = from; next <= to;) {
      const entries = await session.range({ issuer, from: next, to });
      const arrivals = entries.map((jws) => ({ jws, streamSeq: null }));
      if (arrivals.length > 0) await this.around.acceptArrivals.handle({ peer: this.peer.nodeId, issuer, arrivals });
      const { head } = await this.around.log.issuerLog(issuer);
      if (head === undefined || head.seq < next) throw new MissingEntriesError(`the peer gives no entry ${next} of ${issuer} that holds`);
      next = head.seq + 1;
    }
  }

  private async pauseAfter(error: Error): Promise<void> {
    this.failures += 1;
    this.logger.warn(`broken (${this.failures} in a row), begins again at the cursor: ${error.message}`);
    await this.enter('failed', error.message).catch((failure: unknown) => this.logger.warn(`the state is not recorded: ${String(failure)}`));
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(this.failures - 1, 10));
    await new Promise<void>((resolve) => {
      const end = () => { clearTimeout(timer); this.stopping.signal.removeEventListener('abort', end); resolve(); };
      const timer = setTimeout(end, pauseMs);
      this.stopping.signal.addEventListener('abort', end, { once: true });
      if (this.isStopping) end();
    });
  }

  private async end(lastError?: string): Promise<void> {
    if (lastError !== undefined) this.logger.error(lastError);
    if (this.state !== 'stopped') await this.enter('stop', lastError).catch((failure: unknown) => this.logger.warn(`the state is not recorded: ${String(failure)}`));
  }

  private async enter(event: LinkEvent, lastError?: string | null): Promise<void> {
    const state = nextState(LINK_TRANSITIONS, this.state, event);
    invariant(state !== undefined, `a link that is ${this.state} cannot be ${event}`);
    this.state = state;
    await this.around.links.setState(this.peer.nodeId, state, lastError);
  }
}

/** A batch as runs of messages with one issuer, in order. Issuer and topic are what the subject says, nothing more. */
function runsOf(batch: readonly JsMsg[]): Run[] {
  const runs: Run[] = [];
  for (const message of batch) {
    const [, topic, issuer = ''] = message.subject.split('.');
    const last = runs.at(-1);
    const run = last?.issuer === issuer ? last : { issuer, arrivals: [] };
    if (run !== last) runs.push(run);
    run.arrivals.push({ jws: message.string(), topic, streamSeq: message.seq });
  }
  return runs;
}
