import { judgeOwnLog, lookupIn, openEntry, readKid, type Head, type OpenedEntry, type WordOfPeer } from '@kula/kernel-federation-log';
import { DELAY_MS_MAX } from '../network.js';
import type { PeerStation, Range } from '../station.js';
import { NEVER } from './disks.js';
import type { HonestNode } from './honest-node.js';
import { NET } from './keeper.js';

/** A node that was alive less than this ago has only been started again. */
const SHORT_ABSENCE_MS = 60_000;
/** How long a node that was started again waits for what peers say. */
const SHORT_WAIT_MS = 5_000;
/** How long a node that was away waits for all of its peers, before two are enough. */
const LONG_WAIT_MS = 60_000;
/** How long a peer that names entries and does not show them keeps a node from signing. */
const UNSHOWN_MS = 60_000;
/** How long such a peer is not believed afterwards. */
const DISBELIEF_MS = 600_000;
const ASK_AGAIN_MS = 2_000;

/** A peer's word; where it is more than we hold, since when the peer is asked to show it, and when it was asked last. */
interface Claim extends WordOfPeer {
  askedSince?: number;
  askedAt: number;
}

/** Lets a node sign only while nobody is known to hold more of its log than it holds itself. */
export class OwnLog {
  isConfirmed = false;
  private claims = new Map<string, Claim>();
  /** The furthest entry that has come with our signature on it and is not held. It says of no peer how far that holds our log. */
  private shown: Head | undefined;
  private readonly disbelievedUntil = new Map<string, number>();
  private startedAt = 0;
  /** Words asked for before do not count. */
  private wordsFrom = 0;
  private isCareful = false;
  /** Until then an answer about our own log is awaited. */
  private quietUntil = 0;

  constructor(private readonly node: HonestNode) {}

  begin(): void {
    const { aliveAt } = this.node.keeper.disks.database;
    this.isConfirmed = false;
    this.claims = new Map();
    this.shown = undefined;
    this.disbelievedUntil.clear();
    this.quietUntil = 0;
    this.startedAt = this.now;
    this.isCareful = aliveAt === NEVER || this.now - aliveAt >= SHORT_ABSENCE_MS;
    this.wordsFrom = this.isCareful ? this.now + DELAY_MS_MAX : this.now;
  }

  /** Takes what a peer says, having been asked at a moment, that it holds of our log. */
  hear(peer: string, head: Head | null, askedAt: number): void {
    if (!this.counts(askedAt)) return;
    const isMore = head !== null && this.isMore(head);
    const believed = isMore && this.now < (this.disbelievedUntil.get(peer) ?? 0) ? null : head;
    if (this.isConfirmed) {
      if (!isMore || believed === null) return;
      this.doubt(peer, head);
    }
    this.keep(peer, believed);
    this.confirm();
  }

  /** Takes an entry of our own that somebody passes on. */
  compare(peer: string, jws: string): void {
    if (this.node.keeper.holds(this.node.id, jws) || this.node.world.bugs.has('seals without asking')) return;
    const entry = this.signed(jws);
    if (entry === undefined) return;
    const head = { seq: entry.payload.seq, hash: entry.hash };
    if (!this.isMore(head)) return;
    if (this.isConfirmed) this.doubt(peer, head);
    this.see(peer, head);
    this.confirm();
  }

  confirm(): void {
    if (this.isConfirmed) return;
    const { head, entries } = this.node.keeper.own;
    const { shown } = this;
    if (shown !== undefined && this.isMore(shown)) return this.demand(() => shown);
    this.dropUnshown();
    const verdict = judgeOwnLog({ head, hashAt: (seq) => entries.get(seq)?.hash }, [...this.claims.values()], this.needed());
    if (verdict.verdict === 'agreed') return this.trust();
    // Each is asked for what it names itself. Not only who names the furthest entry: it may be the one that shows nothing.
    if (verdict.verdict !== 'wait') return this.demand((peer) => this.claimOf(peer));
    for (const peer of this.node.peers) if (!this.claims.has(peer.name)) this.node.pulling.exchangeHeads(peer);
    return undefined;
  }

  /** What we had sent before the start may have been on its way to the peer still when it answered: such a word does not count. */
  private counts(askedAt: number): boolean {
    const { bugs } = this.node.world;
    return !bugs.has('seals without asking') && (askedAt >= this.wordsFrom || bugs.has('counts words too soon'));
  }

  private get now(): number { return this.node.world.scheduler.now; }

  private isMore({ seq, hash }: Head): boolean {
    const { head, entries } = this.node.keeper.own;
    return seq > (head?.seq ?? 0) || (entries.get(seq)?.hash ?? hash) !== hash;
  }

  private keep(peer: string, head: Head | null): void {
    const { askedSince, askedAt = 0 } = this.claims.get(peer) ?? {};
    const isStillMore = this.claimOf(peer) !== undefined && askedSince !== undefined;
    this.claims.set(peer, { peer, head, askedAt, ...(isStillMore && { askedSince }) });
  }

  private see(peer: string, head: Head): void {
    if (this.node.world.bugs.has('takes an entry for a word')) this.keep(peer, head);
    else if (this.shown === undefined || !this.isMore(this.shown) || head.seq > this.shown.seq) this.shown = head;
  }

  private doubt(peer: string, head: Head | null): void {
    this.isConfirmed = false;
    this.isCareful = true;
    this.node.keeper.disks.database.aliveAt = NEVER;
    this.startedAt = this.now;
    this.node.world.diary.note('log doubted', () => `${this.node.name} stops signing at ${this.node.keeper.own.head?.seq ?? 0}: ${peer} names entry ${head?.seq ?? 0}`);
  }

  private needed(): number {
    const all = this.node.peers.length;
    const waitedMs = this.now - this.startedAt;
    if (this.node.world.bugs.has('seals without asking')) return 0;
    if (!this.isCareful) return waitedMs < SHORT_WAIT_MS ? all : 0;
    return waitedMs < LONG_WAIT_MS ? all : Math.min(2, all);
  }

  private trust(): void {
    this.isConfirmed = true;
    this.claims = new Map();
    this.node.world.diary.tell(() => `${this.node.name} signs from ${(this.node.keeper.own.head?.seq ?? 0) + 1} on`);
  }

  /** Whoever names entries of ours has to show them. One is asked at a time, in turn. */
  private demand(wantedOf: (peer: string) => Head | undefined): void {
    if (this.now < this.quietUntil) return;
    const lastAsked = ({ name }: PeerStation): number => this.claims.get(name)?.askedAt ?? 0;
    const peer = this.node.peers.filter(({ name }) => wantedOf(name) !== undefined).sort((left, right) => lastAsked(left) - lastAsked(right))[0];
    const wanted = peer && wantedOf(peer.name);
    if (peer === undefined || wanted === undefined) return;
    const claim = this.claims.get(peer.name);
    if (claim !== undefined) Object.assign(claim, { askedAt: this.now, askedSince: claim.askedSince ?? this.now });
    const { head } = this.node.keeper.own;
    this.quietUntil = this.now + ASK_AGAIN_MS;
    const range = { issuer: this.node.id, from: Math.min((head?.seq ?? 0) + 1, wanted.seq), to: wanted.seq };
    this.node.world.network.ask(this.node, peer, () => peer.range(this.node, range), (answer) => {
      if (this.isConfirmed) return;
      const shown = this.shownIn(answer);
      if (shown !== undefined) this.see(peer.name, { seq: shown.payload.seq, hash: shown.hash });
      // Where the log has grown meanwhile the question was another one.
      else if (this.claimOf(peer.name) !== undefined && this.node.keeper.own.head === head) this.disbelieve(peer.name);
      if (this.node.pulling.takeRange(this.node.id, answer, peer).stored > 0 || shown === undefined) this.quietUntil = 0;
      this.confirm();
    });
  }

  /** What a peer names that is more than we hold. */
  private claimOf(peer: string): Head | undefined {
    const claimed = this.claims.get(peer)?.head ?? null;
    return claimed !== null && this.isMore(claimed) ? claimed : undefined;
  }

  /** Who does not show for long what it names has said nothing. */
  private dropUnshown(): void {
    if (this.node.world.bugs.has('waits for whoever claims')) return;
    for (const { peer, askedSince = Infinity } of this.claims.values()) if (this.now - askedSince >= UNSHOWN_MS && this.claimOf(peer) !== undefined) this.disbelieve(peer);
  }

  private disbelieve(peer: string): void {
    this.node.world.diary.note('claim disbelieved', () => `${this.node.name} does not believe ${peer}, which names entries of it and does not show them`);
    this.disbelievedUntil.set(peer, this.now + DISBELIEF_MS);
    this.claims.set(peer, { peer, head: null, askedAt: this.now });
  }

  /** An entry of ours that we do not hold, among what a peer gives. */
  private shownIn({ entries, checkpoint }: Range): OpenedEntry | undefined {
    return [...entries, ...(checkpoint === undefined ? [] : [checkpoint])].map((jws) => this.signed(jws))
      .find((entry) => entry !== undefined && this.isMore({ seq: entry.payload.seq, hash: entry.hash }));
  }

  /** An entry with our signature, by any key we were ever given: the log here may be too short to name the key. */
  private signed(jws: string): OpenedEntry | undefined {
    const { id, keys, world, keeper } = this.node;
    const givenKey = (kid: string) => { const parts = readKid(kid); return parts?.nodeId === id ? keys.public[parts.keyNo - 1] : undefined; };
    const keyOf = world.bugs.has('knows only the keys of its log') ? lookupIn(keeper.own.schedule) : givenKey;
    const entry = openEntry(world.ed25519, jws, keyOf, { net: NET, iss: id });
    return 'refused' in entry ? undefined : entry;
  }
}
