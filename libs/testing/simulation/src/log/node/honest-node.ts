import type { NodeId } from '@kula/kernel-crypto';
import { confirmCheckpoint, lookupIn, openEntry, readCheckpoint, type HeadVector } from '@kula/kernel-federation-log';
import type { NodeKeys } from '../signatures.js';
import type { PeerStation, Pulled, Range, StreamPlace, WantedRange, WantedSnapshot } from '../station.js';
import type { World } from '../world.js';
import { Answering } from './answering.js';
import { newDisks, type Draft } from './disks.js';
import { inOrder, latestCheckpoint, type HeldLog } from './held-log.js';
import { Keeper, NET } from './keeper.js';
import { OwnLog } from './own-log.js';
import { Pulling } from './pulling.js';
import { Sealing } from './sealing.js';
import { Services } from './services.js';

/** A node that keeps the protocol. Everything it remembers between two steps is on its disks, or may be lost. */
export class HonestNode implements PeerStation {
  life = 0;
  isUp = false;
  /** True where the stream is not the one that peers have read. */
  isStreamRestored = false;
  readonly peers: PeerStation[] = [];
  readonly keeper: Keeper;
  readonly sealing: Sealing;
  readonly ownLog: OwnLog;
  readonly pulling: Pulling;
  readonly services: Services;
  private readonly answering: Answering;

  constructor(readonly keys: NodeKeys, readonly view: 'own' | 'all', readonly world: World) {
    this.keeper = new Keeper(keys.id, newDisks(), world);
    this.answering = new Answering(this.keeper);
    this.sealing = new Sealing(this.keeper, keys, world);
    this.ownLog = new OwnLog(this);
    this.pulling = new Pulling(this);
    this.services = new Services(this);
  }

  get id(): NodeId { return this.keys.id; }

  get name(): string { return this.keys.name; }

  pull(_asker: PeerStation, place: StreamPlace): Pulled { return this.answering.pull(place); }
  range(_asker: PeerStation, wanted: WantedRange): Range { return this.answering.range(wanted); }
  heads(): HeadVector { return this.answering.heads(); }
  snapshot(_asker: PeerStation, wanted: WantedSnapshot): readonly string[] | undefined { return this.answering.snapshot(wanted); }

  start(): void {
    this.life += 1;
    this.isUp = true;
    this.pulling.begin();
    this.ownLog.begin();
    this.services.begin();
    this.every(500, () => this.seal());
    this.every(600, () => { this.services.publish(); this.services.handOver(); this.services.readNotices(); });
    this.every(1_000, () => this.ownLog.confirm());
    for (const peer of this.peers) {
      this.every(1_500, () => this.pulling.pullFrom(peer));
      this.every(6_000, () => this.pulling.exchangeHeads(peer));
    }
  }

  /** Everything that is not on the disks is lost. */
  crash(): void {
    this.life += 1;
    this.isUp = false;
  }

  draft(draft: Draft): void { this.keeper.disks.database.drafts.push(draft); }

  /** Writes a checkpoint, if the node may sign. */
  checkpoint(): void {
    if (this.isUp && this.ownLog.isConfirmed) this.sealing.checkpoint();
  }

  /** Forgets what is dead at the newest checkpoint of every issuer, where the checkpoint is true, and the beginning of the stream. */
  forget(): void {
    if (!this.isUp) return;
    const { stream, database } = this.keeper.disks;
    for (const log of database.logs.values()) if (log.agreedUpTo === undefined) this.forgetDead(log);
    stream.first = Math.max(stream.first, Math.floor(stream.entries.length / 2));
  }

  private forgetDead(log: HeldLog): void {
    const { ed25519, diary, bugs } = this.world;
    const latest = latestCheckpoint(log);
    const entry = latest && openEntry(ed25519, latest.jws, lookupIn(log.schedule), { net: NET });
    const checkpoint = entry === undefined || 'refused' in entry ? undefined : readCheckpoint(entry);
    if (checkpoint === undefined) return;
    const covered = inOrder(log).filter(({ seq }) => seq < checkpoint.seq);
    const live = confirmCheckpoint(checkpoint, covered);
    if ('refused' in live) return;
    const kept = bugs.has('forgets what is live') ? new Set() : new Set(live);
    for (const item of covered) if (!kept.has(item) && log.entries.delete(item.seq)) diary.note('entry forgotten');
  }

  private seal(): void {
    if (!this.ownLog.isConfirmed && !this.world.bugs.has('forgets a doubt at a crash')) return;
    this.keeper.disks.database.aliveAt = this.world.scheduler.now;
    if (this.ownLog.isConfirmed) this.sealing.sealDrafts();
  }

  private every(ms: number, work: () => void): void {
    const { life } = this;
    const again = () => {
      if (this.life !== life || !this.isUp) return;
      work();
      this.world.scheduler.after(ms + this.world.random(ms), again);
    };
    this.world.scheduler.after(this.world.random(ms), again);
  }
}
