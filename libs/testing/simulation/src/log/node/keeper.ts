import type { NodeId } from '@kula/kernel-crypto';
import {
  judgeArrivals, lookupIn, openEntry, proveEquivocation, scheduleAfter, verifyEquivocationProof, type Arrival, type EquivocationProof, type Head, type Judgement, type OpenedEntry, type OpenedSnapshot, type SnapshotVerdict,
} from '@kula/kernel-federation-log';
import type { World } from '../world.js';
import type { Disks } from './disks.js';
import { emptyLog, heldEntry, type HeldLog } from './held-log.js';

/** Federation that is simulated. */
export const NET = 'simulation';

/** That a snapshot is to be taken over. */
type Adoption = SnapshotVerdict & { readonly verdict: 'adopt' };

/** What became of arrivals of one issuer. */
export interface Outcome {
  /** Arrivals dealt with, from the first on. */
  readonly done: number;
  /** Entries stored. */
  readonly stored: number;
  readonly gap?: { readonly from: number; readonly to: number };
}

/** What a node does to its disks: each call is one transaction. The decisions are those of production. */
export class Keeper {
  constructor(readonly id: NodeId, public disks: Disks, private readonly world: World) {}

  logOf(issuer: NodeId): HeldLog {
    const { logs } = this.disks.database;
    const held = logs.get(issuer) ?? emptyLog(issuer);
    logs.set(issuer, held);
    return held;
  }

  get own(): HeldLog { return this.logOf(this.id); }

  /** The last entry of an issuer that is agreed: its head, or the place where it is frozen. */
  agreedHead(issuer: NodeId): Head | undefined {
    const { head, agreedUpTo = Infinity, entries } = this.logOf(issuer);
    if (head === undefined || head.seq <= agreedUpTo) return head;
    const hash = entries.get(agreedUpTo)?.hash;
    return hash === undefined ? undefined : { seq: agreedUpTo, hash };
  }

  /** True for the very bytes that are held. */
  holds(issuer: NodeId, jws: string): boolean {
    const log = this.logOf(issuer);
    const place = this.world.places.of(jws);
    if (this.world.bugs.has('compares numbers only')) return place > 0 && place <= (log.head?.seq ?? 0);
    return log.entries.get(place)?.jws === jws;
  }

  /** Takes arrivals of an issuer as far as they hold. Own entries are taken back in the same way. Bytes held are passed over unread. */
  accept(issuer: NodeId, arrivals: readonly Arrival[]): Outcome {
    const { head, agreedUpTo = Infinity } = this.logOf(issuer);
    if (head !== undefined && head.seq >= agreedUpTo) return this.compareFrozen(issuer, arrivals);
    if (agreedUpTo === 0) return { done: arrivals.length, stored: 0 };
    const fresh = arrivals.findIndex(({ jws }) => !this.holds(issuer, jws));
    return fresh === -1 ? { done: arrivals.length, stored: 0 } : this.acceptFrom(fresh, issuer, arrivals);
  }

  private acceptFrom(fresh: number, issuer: NodeId, arrivals: readonly Arrival[]): Outcome {
    const { head, schedule, agreedUpTo = Infinity, entries } = this.logOf(issuer);
    const { ed25519, places } = this.world;
    const rest = arrivals.slice(fresh);
    const hashes = new Map(rest.flatMap(({ jws }) => { const held = entries.get(places.of(jws)); return held === undefined ? [] : [[held.seq, held.hash]]; }));
    const judged = judgeArrivals(ed25519, rest, { net: NET, issuer, head, hashes, schedule });
    this.noteRefusals(issuer, judged);
    // A log that is frozen further on is still taken up to there: so far both branches are the same.
    const agreed = judged.accepted.filter(({ payload }) => payload.seq <= agreedUpTo);
    this.store(issuer, agreed);
    if (agreedUpTo < Infinity && agreed.length > 0) this.world.diary.note('frozen log caught up');
    const [done, stored] = [fresh + judged.done, agreed.length];
    if (judged.stop === undefined) return { done, stored };
    const { verdict } = judged.stop;
    if (verdict.verdict === 'gap') return { done, stored, gap: { from: verdict.from, to: Math.min(verdict.to, agreedUpTo) } };
    this.prove(issuer, verdict.at, arrivals.slice(done).map(({ jws }) => jws));
    return { done: arrivals.length, stored };
  }

  private noteRefusals(issuer: NodeId, { refused }: Judgement): void {
    const { diary, witness } = this.world;
    for (const { refused: why } of refused) diary.note('forgery refused', () => `${this.name} refuses an entry of ${witness.nameOf(issuer)}: ${why}`);
  }

  /** Appends what follows on an issuer's log. */
  store(issuer: NodeId, opened: readonly OpenedEntry[]): void {
    const log = this.logOf(issuer);
    for (const entry of opened) {
      const held = heldEntry(entry);
      this.world.witness.stored(this.id, held, log.head);
      this.append(log, entry);
      log.head = { seq: held.seq, hash: held.hash };
    }
  }

  /**
   * Begins a log anew with a checkpoint and what is live at it; nothing else that lies before is kept. To drop only what
   * the snapshot shows to have lapsed would not do: what that had replaced would come to life again.
   */
  adopt(issuer: NodeId, { entries, checkpointEntry }: OpenedSnapshot, { fresh, lapsed }: Adoption): void {
    const log = this.logOf(issuer);
    const kept = new Set(entries.map(({ payload }) => payload.seq));
    const isFrugal = this.world.bugs.has('drops only what has lapsed');
    const dropped = isFrugal ? lapsed.map(({ seq }) => seq) : [...log.entries.keys()].filter((seq) => !kept.has(seq));
    for (const seq of dropped) log.entries.delete(seq);
    for (const entry of [...fresh, checkpointEntry]) this.append(log, entry);
    log.head = { seq: checkpointEntry.payload.seq, hash: checkpointEntry.hash };
    this.world.witness.adopted(this.id, [...fresh, checkpointEntry].map(heldEntry));
  }

  private append(log: HeldLog, entry: OpenedEntry): void {
    const held = heldEntry(entry);
    const schedule = scheduleAfter(this.world.ed25519, log.schedule, entry);
    if (!('refused' in schedule)) log.schedule = schedule;
    log.entries.set(held.seq, held);
    this.disks.database.positions.push({ issuer: held.issuer, seq: held.seq });
  }

  /** Freezes an issuer that a proof shows to contradict itself; of several proofs the one of the lowest entry counts. Answers whether that is news. */
  freeze(issuer: NodeId, proof: EquivocationProof): boolean {
    const { bugs, diary, witness, ed25519 } = this.world;
    const log = this.logOf(issuer);
    const found = verifyEquivocationProof(ed25519, proof, lookupIn(log.schedule), { net: NET });
    const at = 'refused' in found ? undefined : found.iss === issuer ? found.at : undefined;
    if (at === undefined && !bugs.has('takes proofs on trust')) {
      diary.note('false proof refused', () => `${this.name} refuses a proof against ${witness.nameOf(issuer)}`);
      return false;
    }
    return this.freezeAt(issuer, at ?? 1, JSON.stringify(proof));
  }

  private freezeAt(issuer: NodeId, at: number, proof: string): boolean {
    const { bugs, diary, witness } = this.world;
    const { proofs } = this.disks.database;
    const log = this.logOf(issuer);
    witness.accused(this.id, issuer);
    const known = proofs.get(issuer) ?? [];
    if (known.some((each) => each.at <= at) || (known.length > 0 && bugs.has('freezes where the first proof says'))) return false;
    proofs.set(issuer, [...known, { at, proof }]);
    if (log.agreedUpTo !== undefined) diary.note('frozen log lowered');
    log.agreedUpTo = at - 1;
    diary.tell(() => `${this.name} freezes ${witness.nameOf(issuer)} behind entry ${at - 1}`);
    return true;
  }

  /** Keeps the proof that arrivals make together with what is held, and tells everybody. */
  private prove(issuer: NodeId, at: number, theirs: readonly string[]): void {
    const log = this.logOf(issuer);
    const ours: string[] = [];
    for (let seq = at; log.entries.has(seq); seq += 1) ours.push(log.entries.get(seq)!.jws);
    const proof = proveEquivocation(this.world.ed25519, { net: NET, issuer, ours, theirs, keyOf: lookupIn(log.schedule) });
    if (proof === undefined || !this.freeze(issuer, proof)) return;
    this.world.diary.note('contradiction found');
    if (this.world.bugs.has('keeps proofs to itself')) return;
    const id = `notice ${this.id.slice(-6)} ${issuer.slice(-6)} ${at}`;
    if ([...this.own.entries.values()].some(({ draft }) => draft === id)) return;
    this.disks.database.drafts.push({ id, topic: 'governance', type: 'equivocation.proven', sub: issuer, askedAt: this.world.scheduler.now, proof: JSON.stringify(proof) });
  }

  /** Of a frozen issuer nothing is stored; but where even the agreed part is contradicted, it shrinks. */
  private compareFrozen(issuer: NodeId, arrivals: readonly Arrival[]): Outcome {
    const log = this.logOf(issuer);
    for (const [index, { jws }] of arrivals.entries()) {
      const held = log.entries.get(this.world.places.of(jws));
      if (held === undefined || held.jws === jws || held.seq > log.agreedUpTo!) continue;
      const entry = openEntry(this.world.ed25519, jws, lookupIn(log.schedule), { net: NET, iss: issuer });
      if ('refused' in entry) continue;
      this.prove(issuer, held.seq, arrivals.slice(index).map((each) => each.jws));
      break;
    }
    return { done: arrivals.length, stored: 0 };
  }

  private get name(): string { return this.world.witness.nameOf(this.id); }
}
