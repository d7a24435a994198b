import { Injectable } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { PeerStandingRepository } from '../peers/peer-standing.repository.js';
import type { Summary } from '../summary/domain/summary.js';
import { summaryOfBody } from '../summary/summary.presenter.js';
import { SummaryRepository } from '../summary/summary.repository.js';
import { questionsOf, type Terms } from './domain/terms-to-ask.js';
import { PeerAsking, type PeerReply } from './peer-asking.js';
import { FindTerms } from './terms.query.js';

/** How long one answer, and how long everything one peer has to say, is waited for. */
const PATIENCE_MS = 2_000;
const PEER_PATIENCE_MS = 4_000;
/** Pages of the answer to one question that are asked for. */
const PAGES_MAX = 5;
/** Listings of one peer that are kept. */
const CANDIDATES_MAX = 1_000;
/** How long they are kept at most, whatever the peer says. */
const VALID_MS_MAX = 600_000;

type Candidate = z.output<typeof matching.candidate>;

/** What one peer has told. `isWhole`: it has answered everything it was asked. */
interface Told { readonly nodeId: string; readonly candidates: readonly Summary[]; readonly isWhole: boolean }

/** What asking the peers came to. */
export interface Gathering { readonly peersAsked: number; readonly peersSilent: readonly string[] }

/** Asks the peers for listings that they only show to those who ask, and keeps the answers for a while. */
@Injectable()
export class GatherCandidates {
  constructor(
    private readonly peers: PeerStandingRepository, private readonly terms: FindTerms, private readonly asking: PeerAsking,
    private readonly summaries: SummaryRepository, private readonly unitOfWork: UnitOfWork, private readonly clock: Clock,
  ) {}

  /** Asks all peers at the same time. One that is silent does not hold the others up. */
  async run(): Promise<Gathering> {
    const questions = questionsOf(await this.terms.usable(this.nowMs()));
    const peers = questions.length === 0 ? [] : await this.unitOfWork.run((tx) => this.peers.findOpen(tx));
    const told = await Promise.all(peers.map((nodeId) => this.askPeer(nodeId, questions)));
    await this.unitOfWork.retrying(async (tx) => {
      await this.summaries.forgetOutdated(this.nowMs(), tx);
      for (const { nodeId, candidates, isWhole } of told) {
        // A peer that was closed meanwhile is not heard.
        if (!await this.peers.isOpen(nodeId, tx)) continue;
        if (isWhole) await this.summaries.forgetAnswersOf(nodeId, tx);
        await this.summaries.keepAnswers(nodeId, candidates, tx);
      }
    });
    return { peersAsked: peers.length, peersSilent: told.filter(({ isWhole }) => !isWhole).map(({ nodeId }) => nodeId) };
  }

  private async askPeer(nodeId: string, questions: readonly Terms[]): Promise<Told> {
    const candidates = new Map<string, Summary>();
    const untilMs = this.nowMs() + PEER_PATIENCE_MS;
    for (const question of questions) {
      const isAnswered = await this.askQuestion(nodeId, question, { candidates, untilMs });
      if (!isAnswered) return { nodeId, candidates: [...candidates.values()], isWhole: false };
    }
    return { nodeId, candidates: [...candidates.values()], isWhole: true };
  }

  /** Asks page after page. False where the peer falls silent, or tells more than is listened to. */
  private async askQuestion(nodeId: string, terms: Terms, { candidates, untilMs }: { readonly candidates: Map<string, Summary>; readonly untilMs: number }): Promise<boolean> {
    let after: string | null = null;
    for (let page = 1; page <= PAGES_MAX && candidates.size < CANDIDATES_MAX; page += 1) {
      const patienceMs = Math.min(PATIENCE_MS, untilMs - this.nowMs());
      if (patienceMs <= 0) return false;
      const reply: PeerReply<z.output<typeof matching.candidatesAnswer>> = await this.asking.ask({ nodeId, kind: 'matching.candidates', body: { ...terms, after }, answer: matching.candidatesAnswer, patienceMs });
      if (!('answer' in reply)) return false;
      const validUntilMs = Math.min(Date.parse(reply.answer.valid_until), this.nowMs() + VALID_MS_MAX);
      for (const told of reply.answer.candidates) this.collect(candidates, { nodeId, told, validUntilMs });
      after = reply.answer.next;
      if (after === null) return true;
    }
    return false;
  }

  /** A peer speaks for its own listings only; what makes no sense is passed over. */
  private collect(candidates: Map<string, Summary>, { nodeId, told, validUntilMs }: { readonly nodeId: string; readonly told: Candidate; readonly validUntilMs: number }): void {
    const summary: Summary = { ...summaryOfBody(told), free: BigInt(told.free), validUntilMs };
    const isSound = summary.homeNode === nodeId && summary.free <= summary.amount && summary.availableUntilMs > summary.availableFromMs;
    if (isSound && validUntilMs > this.nowMs() && candidates.size < CANDIDATES_MAX) candidates.set(summary.listingId, summary);
  }

  private nowMs(): number { return this.clock.now().getTime(); }
}
