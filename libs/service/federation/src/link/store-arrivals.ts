import { Injectable, Logger } from '@nestjs/common';
import { judgeArrivals, lastKey, readKid, type Judgement, type KeySchedule, type OpenedEntry } from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import { UnitOfWork } from '@kula/platform-persistence';
import { Metrics, nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog, type IssuerLog, type NewEntry } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { ACCEPT_DURATION } from '../metrics/federation.metrics.js';
import { OwnNode } from '../own-node.js';
import { placeOf, refusedArrival, type Delivery } from './delivery.js';
import { IssuerAdmission } from './issuer-admission.js';
import { LinkRepository } from './link.repository.js';

/** What was judged and stored of a delivery. */
export interface StoredArrivals extends Judgement {
  /** Time of the first entry that is dated too far ahead; it and the rest are not dealt with. */
  readonly aheadTs?: number;
  /** The rest is signed with a key that the log does not name yet. */
  readonly lacksKey?: boolean;
  /** The log is frozen there, and all of it up to there is held: what is not dealt with lies beyond. */
  readonly frozenAt?: number;
}

/** Judges arrivals and stores what holds: entries, head, keys, refusals and cursor in one transaction. */
@Injectable()
export class StoreArrivals {
  private readonly logger = new Logger(StoreArrivals.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly admission: IssuerAdmission,
    private readonly links: LinkRepository, private readonly unitOfWork: UnitOfWork, private readonly metrics: Metrics,
  ) {}

  /**
   * Of an issuer that has contradicted itself what is agreed is still taken, so that all nodes come to hold the same; and
   * where even that is contradicted, the judgement stops there.
   *
   * @throws LogClosedError.
   */
  async handle(delivery: Delivery): Promise<StoredArrivals> {
    const stored = await this.metrics.timed(ACCEPT_DURATION, {}, () => this.log.storing(async () => {
      this.gate.assertOpen();
      const known = await this.log.issuerLog(delivery.issuer);
      const judged = await this.judge(delivery, known);
      if (judged.done > 0) await this.store(delivery, judged, known);
      return judged;
    }));
    this.admission.charge(delivery.issuer, stored.accepted);
    for (const { index, refused, detail } of stored.refused) this.logger.warn(`${placeOf(delivery, index)} is refused: ${refused}: ${detail}`);
    return stored;
  }

  private async judge(delivery: Delivery, known: IssuerLog): Promise<StoredArrivals> {
    const { issuer, arrivals, isCaughtUp = false } = delivery;
    const judgement = await this.judgeRun(delivery, known);
    if (known.agreedUpTo !== undefined) return this.judgeFrozen(delivery, known, judgement);
    const ahead = this.admission.firstAhead(judgement.accepted);
    if (ahead !== undefined && issuer !== this.own.nodeId) {
      return { ...await this.judgeRun(upTo(delivery, arrivals.findIndex(({ jws }) => jws === ahead.jws)), known), aheadTs: ahead.payload.ts };
    }
    const foreign = isCaughtUp ? undefined : judgement.refused.find(({ refused, index }) => refused === 'entry.unknown_key' && isLaterKey(judgement.schedule, arrivals[index]!.jws));
    if (foreign !== undefined) return { ...await this.judgeRun(upTo(delivery, foreign.index), known), lacksKey: true };
    return judgement;
  }

  /** A log that is frozen further on is taken up to there: so far both of its branches are the same. */
  private async judgeFrozen(delivery: Delivery, known: IssuerLog, judgement: Judgement): Promise<StoredArrivals> {
    const frozenAt = known.agreedUpTo!;
    const { stop, accepted } = judgement;
    const beyond = accepted.find(({ payload }) => payload.seq > frozenAt);
    if (beyond !== undefined) return { ...await this.judgeRun(upTo(delivery, delivery.arrivals.findIndex(({ jws }) => jws === beyond.jws)), known), frozenAt };
    const isLower = stop?.verdict.verdict === 'equivocation' && stop.verdict.at <= frozenAt;
    const lacks = stop?.verdict.verdict === 'gap' && stop.verdict.from <= frozenAt;
    return isLower || lacks ? judgement : { ...judgement, frozenAt };
  }

  /** Judged once, and once more where the judgement depends on entries below the head. */
  private async judgeRun({ issuer, arrivals }: Delivery, { head, schedule }: IssuerLog): Promise<Judgement> {
    invariant(schedule !== undefined, 'an issuer that is admitted has a node id');
    const known = { net: this.own.network, issuer, head, schedule };
    const judgement = judgeArrivals(nodeEd25519, arrivals, { ...known, hashes: new Map() });
    if (judgement.wanted.length === 0) return judgement;
    return judgeArrivals(nodeEd25519, arrivals, { ...known, hashes: await this.log.hashesAt(issuer, judgement.wanted) });
  }

  private async store(delivery: Delivery, { accepted, refused, done, schedule }: Judgement, known: IssuerLog): Promise<void> {
    const { peer, issuer, arrivals, cursor } = delivery;
    const progress = {
      peer, stored: accepted.length, storedBytes: accepted.reduce((sum, { jws }) => sum + jws.length, 0), ...(done === arrivals.length && cursor !== undefined && { cursor }),
      refused: refused.map(({ index, refused: code, detail }) => refusedArrival(delivery, index, { code, detail })),
    };
    const stored = await this.unitOfWork.run(async (tx) => {
      const appended = await this.log.append(issuer, known.head, accepted.map(newEntry), tx);
      if (schedule !== known.schedule) await this.log.keepSchedule(schedule, tx);
      await this.links.record(progress, tx);
      return appended;
    });
    this.log.remember(stored);
  }
}

const upTo = (delivery: Delivery, end: number): Delivery => ({ ...delivery, arrivals: delivery.arrivals.slice(0, end) });

/** True for an entry that names a key of its issuer beyond those known: the entry that brings it is missing. */
function isLaterKey(schedule: KeySchedule, jws: string): boolean {
  const kid = readKid(kidIn(jws));
  return kid?.nodeId === schedule.issuer && kid.keyNo > lastKey(schedule).keyNo;
}

function kidIn(jws: string): string {
  try {
    const { kid } = JSON.parse(Buffer.from(jws.slice(0, jws.indexOf('.')), 'base64url').toString('utf8')) as { kid?: unknown };
    return typeof kid === 'string' ? kid : '';
  } catch {
    return '';
  }
}

/** A verified entry as it is stored. */
export const newEntry = ({ jws, hash, payload }: OpenedEntry): NewEntry => ({
  jws, hash, seq: payload.seq, topic: payload.topic, type: payload.type, subject: payload.sub, ts: payload.ts, exp: payload.exp ?? null, draftId: null,
});

