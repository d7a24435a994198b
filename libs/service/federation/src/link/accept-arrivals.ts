import { Injectable, Logger } from '@nestjs/common';
import { BATCH_ENTRIES_MAX, isNodeId, type Head, type OpenedEntry } from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog, type NewEntry } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { PeerDirectory } from '../peers/peer-directory.js';
import { judgeArrivals, type Arrival, type ArrivalStop, type Judgement } from './domain/judge-arrivals.js';
import { proveEquivocation } from './domain/prove-equivocation.js';
import { IssuerFrozenError } from './link.errors.js';
import { rememberedKeys } from './known-keys.js';
import { LinkRepository, type LinkProgress, type RefusedArrival } from './link.repository.js';

/** An arrival with its place in the peer's stream; null where it came in answer to a question. */
export interface PlacedArrival extends Arrival {
  readonly streamSeq: number | null;
}

/** Arrivals said to be of one issuer, from one peer, in order; at most BATCH_ENTRIES_MAX. */
export interface Delivery {
  readonly peer: string;
  readonly issuer: string;
  readonly arrivals: readonly PlacedArrival[];
  /** Epoch of the peer's stream; absent where the arrivals are no part of it: the cursor then stays. */
  readonly epoch?: string;
}

/** What became of a delivery. */
export interface Acceptance {
  /** Arrivals dealt with, from the first one on. */
  readonly done: number;
  /** Entries that have to come first; absent where everything is dealt with. */
  readonly gap?: { readonly from: number; readonly to: number };
}

const utf8 = new TextEncoder();
/** Enough to find a signature of the issuer in any run that was accepted. */
const BRANCH = { entriesMax: BATCH_ENTRIES_MAX, bytesMax: Number.MAX_SAFE_INTEGER };

/** Takes what a peer delivers into the log: entries, head, refusals and cursor in one transaction. */
@Injectable()
export class AcceptArrivals {
  private readonly logger = new Logger(AcceptArrivals.name);
  private readonly keyOf = rememberedKeys();

  constructor(
    private readonly own: OwnNode, private readonly peers: PeerDirectory, private readonly log: EntryLog, private readonly gate: LogGate,
    private readonly links: LinkRepository, private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Stores what follows on the issuer's log and records what does not hold.
   *
   * @throws IssuerFrozenError where the issuer has contradicted itself, now or before; LogClosedError.
   */
  async handle(delivery: Delivery): Promise<Acceptance> {
    const stranger = this.refusalOfIssuer(delivery.issuer);
    if (stranger !== undefined) return this.refuseAll(delivery, stranger);
    const judgement = await this.log.storing(async () => {
      this.gate.assertOpen();
      const judged = await this.judge(delivery);
      if (judged.judgement.done > 0) await this.store(delivery, judged.judgement, judged.head);
      return judged.judgement;
    });
    for (const { index, refused, detail } of judgement.refused) this.logger.warn(`${placeOf(delivery, index)} is refused: ${refused}: ${detail}`);
    const { stop, done } = judgement;
    if (stop !== undefined && isContradiction(stop)) await this.freeze(delivery, stop);
    return { done, ...(stop?.verdict.verdict === 'gap' && { gap: { from: stop.verdict.from, to: stop.verdict.to } }) };
  }

  private refusalOfIssuer(issuer: string): Pick<RefusedArrival, 'code' | 'detail'> | undefined {
    if (issuer === this.own.nodeId) return { code: 'federation.own_log', detail: 'nobody but this node adds to its log' };
    if (this.peers.standingOf(issuer) !== 'admitted') return { code: 'federation.issuer_unknown', detail: 'the issuer is no peer of this node' };
    return undefined;
  }

  private async refuseAll(delivery: Delivery, refusal: Pick<RefusedArrival, 'code' | 'detail'>): Promise<Acceptance> {
    const { peer, arrivals } = delivery;
    const refused = arrivals.map(({ jws, streamSeq }) => ({ ...refusal, issuer: namedIssuer(delivery), streamSeq, bytes: utf8.encode(jws) }));
    await this.unitOfWork.run((tx) => this.links.record({ peer, stored: 0, refused, ...cursorAfter(delivery, arrivals.length) }, tx));
    this.logger.warn(`${placeOf(delivery, 0)} and ${arrivals.length - 1} more are refused: ${refusal.code}: ${refusal.detail}`);
    return { done: arrivals.length };
  }

  /** Judged once, and once more where the judgement depends on entries below the head. */
  private async judge({ issuer, arrivals }: Delivery): Promise<{ readonly judgement: Judgement; readonly head: Head | undefined }> {
    const { head, agreedUpTo } = await this.log.issuerLog(issuer);
    if (agreedUpTo !== undefined) throw new IssuerFrozenError(issuer, agreedUpTo);
    const known = { net: this.own.network, issuer, head, keyOf: this.keyOf };
    const judgement = judgeArrivals(nodeEd25519, arrivals, { ...known, hashes: new Map() });
    if (judgement.wanted.length === 0) return { judgement, head };
    const hashes = await this.log.hashesAt(issuer, judgement.wanted);
    return { judgement: judgeArrivals(nodeEd25519, arrivals, { ...known, hashes }), head };
  }

  private async store(delivery: Delivery, { accepted, refused, done }: Judgement, head: Head | undefined): Promise<void> {
    const { peer, issuer, arrivals } = delivery;
    const progress: LinkProgress = {
      peer, stored: accepted.length, ...cursorAfter(delivery, done),
      refused: refused.map(({ index, refused: code, detail }) =>
        ({ code, detail, issuer: namedIssuer(delivery), streamSeq: arrivals[index]!.streamSeq, bytes: utf8.encode(arrivals[index]!.jws) })),
    };
    await this.unitOfWork.run(async (tx) => {
      await this.log.append(issuer, head, accepted.map(newEntry), tx);
      await this.links.record(progress, tx);
    });
  }

  /** Keeps both branches, freezes the issuer, and says so. */
  private async freeze({ peer, issuer, arrivals }: Delivery, { index, verdict: { at } }: Contradicting): Promise<never> {
    const held = await this.log.ofIssuer(issuer, at, BRANCH);
    const [ours, theirs] = [held, arrivals.slice(index)].map((entries) => entries.map(({ jws }) => jws)) as [string[], string[]];
    const proof = proveEquivocation(nodeEd25519, { net: this.own.network, issuer, ours, theirs, keyOf: this.keyOf });
    if (proof === undefined) throw new Error(`the two branches of ${issuer} at ${at} carry no two signatures`);
    const offending = { code: 'federation.equivocation', detail: `the issuer had said something else about entry ${at}` };
    const { jws, streamSeq } = arrivals[index]!;
    await this.unitOfWork.run(async (tx) => {
      await this.links.freeze(proof, at, peer, tx);
      await this.links.record({ peer, stored: 0, refused: [{ ...offending, issuer, streamSeq, bytes: utf8.encode(jws) }] }, tx);
    });
    this.logger.error(`${issuer} has contradicted itself at entry ${at}; the proof is kept and its log is frozen`);
    throw new IssuerFrozenError(issuer, at - 1);
  }
}

/** A stop at an entry that contradicts what is held. */
type Contradicting = ArrivalStop & { readonly verdict: { readonly verdict: 'equivocation' } };

const isContradiction = (stop: ArrivalStop): stop is Contradicting => stop.verdict.verdict === 'equivocation';

const newEntry = ({ jws, hash, payload }: OpenedEntry): NewEntry => ({
  jws, hash, seq: payload.seq, topic: payload.topic, type: payload.type, subject: payload.sub, ts: payload.ts, draftId: null,
});

/** The issuer a subject names, where it is the name of one. */
const namedIssuer = ({ issuer }: Delivery): string | null => (isNodeId(issuer) ? issuer : null);

/** The cursor once the first arrivals are dealt with. */
function cursorAfter({ epoch, arrivals }: Delivery, done: number): Pick<LinkProgress, 'cursor'> {
  const streamSeq = arrivals[done - 1]?.streamSeq ?? null;
  return epoch === undefined || streamSeq === null ? {} : { cursor: { epoch, streamSeq } };
}

const placeOf = ({ peer, arrivals }: Delivery, index: number): string =>
  `entry ${arrivals[index]?.streamSeq ?? 'asked for'} of the stream of ${peer}`;
