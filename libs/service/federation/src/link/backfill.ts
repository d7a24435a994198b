import { Injectable } from '@nestjs/common';
import type { RangeAnswer, RangeRequest } from '@kula/contracts';
import { EntryLog, type IssuerLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { AcceptArrivals } from './accept-arrivals.js';
import { CheckpointAdopter } from './checkpoint-adopter.js';
import type { PlacedArrival } from './delivery.js';
import { MissingEntriesError } from './link.errors.js';
import type { PeerSession } from './peer-session.js';
import { PeerSessions } from './peer-sessions.js';

/** Part of a log, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Fetches missing entries from whoever has them.
 *
 * Entries prove themselves, so anybody may be asked: a peer that is silent, gives too little or gives what does not hold
 * only makes the next one be asked.
 */
@Injectable()
export class Backfill {
  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly acceptArrivals: AcceptArrivals,
    private readonly sessions: PeerSessions, private readonly adopter: CheckpointAdopter,
  ) {}

  /**
   * Stores the entries of a span: the preferred peer is asked first, then every other one that is connected.
   *
   * Of this node's own log only while sealing is held.
   * @throws MissingEntriesError where nobody gives them; IssuerFrozenError, LogClosedError.
   */
  async fill(issuer: string, { from, to }: Span, preferred?: PeerSession): Promise<void> {
    const reached = await this.askAround(issuer, to, preferred);
    if (reached < to) throw new MissingEntriesError(`there is no entry ${Math.max(from, reached + 1)} of ${issuer} that holds at any peer connected`);
  }

  /** Stores what any connected peer holds of a log beyond what is held here. Answers the last number held then. */
  async extend(issuer: string, preferred?: PeerSession): Promise<number> {
    return this.askAround(issuer, Number.MAX_SAFE_INTEGER, preferred);
  }

  /** Begins a log of which nothing is held with a checkpoint, where the peer shows one; else does nothing. @throws as the adopter. */
  async begin(issuer: string, session: PeerSession): Promise<void> {
    const answer = await givenBy(session, { issuer, from: 1, to: Number.MAX_SAFE_INTEGER });
    if (answer?.checkpoint !== undefined) await this.adopter.adopt(issuer, answer.checkpoint, session);
  }

  private async askAround(issuer: string, to: number, preferred?: PeerSession): Promise<number> {
    const others = this.sessions.all().filter((session) => session !== preferred);
    let reached = lastOf(await this.log.issuerLog(issuer));
    for (const session of preferred === undefined ? others : [preferred, ...others]) {
      if (reached >= to) break;
      reached = await this.fillFrom(session, issuer, { from: reached + 1, to });
    }
    return reached;
  }

  /** Takes from one peer while it gives more. Answers the last number held then. */
  private async fillFrom(session: PeerSession, issuer: string, { from, to }: Span): Promise<number> {
    for (let next = from; next <= to;) {
      const answer = await givenBy(session, { issuer, from: next, to });
      if (answer !== undefined) await this.take(answer, issuer, session);
      const reached = lastOf(await this.log.issuerLog(issuer));
      if (reached < next) return reached;
      next = reached + 1;
    }
    return to;
  }

  private async take({ entries, checkpoint }: RangeAnswer, issuer: string, session: PeerSession): Promise<void> {
    if (checkpoint !== undefined && await this.adopter.adopt(issuer, checkpoint, session)) return;
    if (entries.length === 0) return;
    const isRecovery = issuer === this.own.nodeId;
    for (let arrivals: readonly PlacedArrival[] = entries.map((jws) => ({ jws, streamSeq: null })); arrivals.length > 0;) {
      const { done, gap } = await this.acceptArrivals.handle({ peer: session.peer.nodeId, issuer, arrivals, isRecovery, isCaughtUp: true });
      // Whoever answers a question with entries further on has not answered it.
      if (gap !== undefined) return;
      arrivals = arrivals.slice(done);
    }
  }
}

/** What a peer gives of a range; undefined where it gives no answer: the next peer is asked instead. */
async function givenBy(session: PeerSession, request: RangeRequest): Promise<RangeAnswer | undefined> {
  try {
    return await session.range(request);
  } catch {
    return undefined;
  }
}

const lastOf = ({ head }: IssuerLog): number => head?.seq ?? 0;
