import type { NodeId } from '@kula/kernel-crypto';
import { newStream, type AppliedEntries } from './disks.js';
import type { HonestNode } from './honest-node.js';

const AT_ONCE = 10;

/** What goes on inside a node: its stream is filled, its services are handed what is held, notices of proofs are read. */
export class Services {
  private startedAt = 0;

  constructor(private readonly node: HonestNode) {}

  begin(): void {
    this.startedAt = this.node.world.scheduler.now;
    this.compareStream();
  }

  /** Fills the stream that peers read from the database. */
  publish(): void {
    const { database, stream } = this.node.keeper.disks;
    for (const { issuer, seq } of database.positions.slice(stream.entries.length, stream.entries.length + AT_ONCE)) {
      stream.entries.push(database.logs.get(issuer)?.entries.get(seq) ?? null);
    }
  }

  /** Hands entries to the services; sometimes that is done and not noted, and done again. */
  handOver(): void {
    const { keeper, world: { random, diary } } = this.node;
    const { database } = keeper.disks;
    const next = database.positions.slice(database.handed, database.handed + AT_ONCE);
    for (const { issuer, seq } of next) if (database.logs.get(issuer)?.entries.has(seq) === true) this.apply(issuer, seq);
    if (next.length > 0 && random(50) === 0) diary.note('entry handed over again');
    else database.handed += next.length;
  }

  /** Reads what was proven, also by this node itself: after a restore its own word is all it has left of it. */
  readNotices(): void {
    const { keeper, world: { diary, bugs } } = this.node;
    const { database } = keeper.disks;
    for (const { issuer, seq } of database.positions.slice(database.noticesRead)) {
      database.noticesRead += 1;
      const entry = database.logs.get(issuer)?.entries.get(seq);
      if (entry?.proof === undefined || (issuer === keeper.id && bugs.has('overlooks its own notices'))) continue;
      if (keeper.freeze(entry.sub as NodeId, JSON.parse(entry.proof) as never)) diary.note('contradiction told');
    }
  }

  /** Takes drafts out that turn out to be sealed already. */
  passOverSealed(): void {
    const { keeper, world: { diary, bugs } } = this.node;
    const { database } = keeper.disks;
    if (bugs.has('seals drafts again')) return;
    const sealed = new Set([...keeper.own.entries.values()].map(({ draft }) => draft));
    const open = database.drafts.filter(({ id }) => !sealed.has(id));
    for (let found = database.drafts.length - open.length; found > 0; found -= 1) diary.note('draft found sealed');
    database.drafts = open;
  }

  /**
   * Takes drafts out of which nobody can say whether they are in the part of the own log that nobody keeps any more: people
   * have to look through them. What was asked for since the start cannot be there.
   */
  passOverDoubtful(): void {
    const { database } = this.node.keeper.disks;
    database.drafts = database.drafts.filter(({ askedAt }) => askedAt >= this.startedAt);
  }

  private apply(issuer: NodeId, seq: number): void {
    const { keeper, world: { witness, bugs } } = this.node;
    const { applied } = keeper.disks.database;
    const before: AppliedEntries = applied.get(issuer) ?? { seqs: new Set(), last: 0 };
    if (before.seqs.has(seq) && !bugs.has('applies without an inbox')) return;
    witness.applied(keeper.id, issuer, { seq, before: before.last });
    before.seqs.add(seq);
    before.last = seq;
    applied.set(issuer, before);
  }

  /** The stream has to be a copy of the database's beginning. What it holds beyond is taken back; where it differs it is made anew. */
  private compareStream(): void {
    const { keeper, world: { diary }, name } = this.node;
    const { database, stream } = keeper.disks;
    const isCopy = stream.entries.length <= database.positions.length
      && stream.entries.every((entry, index) => entry === null || (entry.issuer === database.positions[index]!.issuer && entry.seq === database.positions[index]!.seq));
    if (isCopy) return;
    for (const entry of stream.entries) {
      if (entry === null || keeper.accept(entry.issuer, [{ jws: entry.jws }]).stored === 0) continue;
      diary.note('entry salvaged', () => `${name} takes entry ${entry.seq} of ${this.node.world.witness.nameOf(entry.issuer)} back from its stream`);
    }
    this.passOverSealed();
    keeper.disks.stream = newStream(stream.epoch + 1);
  }
}
