import { Injectable, Logger } from '@nestjs/common';
import {
  judgeSnapshot, openSnapshot, type LogItem, type OpenedEntry, type OpenedSnapshot, type Snapshot, type SnapshotRefusal, type SnapshotVerdict,
} from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { IssuerAdmission } from '../link/issuer-admission.js';
import { IssuerFrozenError } from '../link/link.errors.js';
import { newEntry } from '../link/store-arrivals.js';
import { EntryLog, type IssuerLog } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { SnapshotRecords } from './snapshot-records.js';

/** A snapshot as a peer gave it. */
export interface GivenSnapshot extends Snapshot {
  readonly peer: string;
  readonly issuer: string;
}

/** What became of a snapshot. */
export type SnapshotOutcome =
  | { readonly outcome: 'adopted'; readonly stored: number }
  /** More is held already, or this node may not take it now. */
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'refused'; readonly refusal: SnapshotRefusal; readonly isFaultOfIssuer: boolean }
  /** The issuer has said two things; `shown` are its entries from the contradicting one on. */
  | { readonly outcome: 'contradicts'; readonly shown: readonly OpenedEntry[] };

type Adoption = Extract<SnapshotVerdict, { readonly verdict: 'adopt' }>;

/** Entries of one statement. */
const CHUNK_MAX = 1_000;
/** What the digest of the checkpoint does not cover: the carrier can be at fault. */
const BY_CARRIER: ReadonlySet<string> = new Set(['checkpoint.too_large', 'checkpoint.malformed', 'checkpoint.wrong_digest']);

/** Takes a snapshot into the log, whole or not at all: entries, head, keys and what is dead by it commit together. */
@Injectable()
export class StoreSnapshot {
  private readonly logger = new Logger(StoreSnapshot.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly admission: IssuerAdmission,
    private readonly records: SnapshotRecords, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws IssuerFrozenError where the issuer has contradicted itself before; LogClosedError. */
  async handle(given: GivenSnapshot): Promise<SnapshotOutcome> {
    return this.log.storing(async () => {
      this.gate.assertOpen();
      // The own log is added to by this node alone while it signs.
      if (given.issuer === this.own.nodeId && this.gate.isSealing) return { outcome: 'passed' };
      const known = await this.log.nodeLog(given.issuer);
      if (known.agreedUpTo !== undefined) throw new IssuerFrozenError(given.issuer, known.agreedUpTo);
      const opened = openSnapshot(nodeEd25519, given, { net: this.own.network, issuer: known.schedule.issuer, schedule: known.schedule });
      if ('refused' in opened) return { outcome: 'refused', refusal: opened, isFaultOfIssuer: isFaultOfIssuer(opened) };
      return this.judge(given, opened, known);
    });
  }

  private async judge(given: GivenSnapshot, opened: OpenedSnapshot, known: IssuerLog): Promise<SnapshotOutcome> {
    const { checkpoint, checkpointEntry, entries } = opened;
    if (given.issuer !== this.own.nodeId && this.admission.firstAhead([...entries, checkpointEntry]) !== undefined) return { outcome: 'refused', refusal: AHEAD, isFaultOfIssuer: false };
    const items = await this.records.items.between(given.issuer, 1, (known.head?.seq ?? 0) + 1);
    const verdict = judgeSnapshot({ head: known.head, items }, opened);
    if (verdict.verdict === 'behind') return { outcome: 'passed' };
    if (verdict.verdict === 'equivocation') return { outcome: 'contradicts', shown: [...entries, checkpointEntry].filter(({ payload }) => payload.seq >= verdict.at) };
    if (verdict.verdict === 'untrue') return { outcome: 'refused', refusal: { refused: 'checkpoint.wrong_digest', detail: `entry ${verdict.at} is held here and says otherwise` }, isFaultOfIssuer: true };
    await this.store(given, opened, { known, verdict, items });
    this.tellLapsed(given.issuer, verdict.lapsed, checkpoint.ts);
    this.admission.charge(given.issuer, verdict.fresh);
    return { outcome: 'adopted', stored: verdict.fresh.length + 1 };
  }

  private async store(
    { peer, issuer }: GivenSnapshot, { checkpoint, checkpointEntry, entries, schedule }: OpenedSnapshot,
    { known, verdict, items }: { readonly known: IssuerLog; readonly verdict: Adoption; readonly items: readonly LogItem[] },
  ): Promise<void> {
    const added = [...verdict.fresh, checkpointEntry];
    const alive = new Set(entries.map(({ payload }) => payload.seq));
    const { seq, hash, liveCount } = checkpoint;
    await this.unitOfWork.run(async (tx) => {
      let { head } = known;
      for (let from = 0; from < added.length; from += CHUNK_MAX) {
        const chunk = added.slice(from, from + CHUNK_MAX);
        await this.log.append(issuer, head, chunk.map(newEntry), tx);
        head = headOf(chunk.at(-1)!);
      }
      await this.log.keepSchedule(schedule, tx);
      await this.records.items.bury(issuer, items.filter((item) => !alive.has(item.seq)).map((item) => item.seq), seq, tx);
      await this.records.checkpoints.keep({ issuer, seq, hash, liveCount, state: 'adopted', code: null, detail: null, shownBy: peer }, tx);
      await this.records.links.record({ peer, stored: added.length, refused: [] }, tx);
    });
  }

  /** An entry that lapses has expired together with what took it back. One that had not expired itself was taken back in vain for those who held it. */
  private tellLapsed(issuer: string, lapsed: readonly LogItem[], ts: number): void {
    const unexpired = lapsed.filter(({ exp }) => exp === undefined || exp >= ts);
    if (unexpired.length > 0) this.logger.warn(`${unexpired.length} entries of ${issuer}, ${unexpired[0]?.seq} the first, count no longer although they have not expired: services still go by what they say`);
  }
}

const AHEAD: SnapshotRefusal = { refused: 'checkpoint.malformed', detail: 'the checkpoint or an entry before it is dated ahead of the clock of this node' };

const headOf = ({ hash, payload: { seq } }: OpenedEntry) => ({ seq, hash });

const isFaultOfIssuer = ({ refused, index }: SnapshotRefusal): boolean => index !== undefined || (refused.startsWith('checkpoint.') && !BY_CARRIER.has(refused));
