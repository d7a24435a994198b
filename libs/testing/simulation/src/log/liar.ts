import type { NodeId } from '@kula/kernel-crypto';
import { GENESIS_PREVIOUS, sealEntry, type Head, type HeadVector, type SealedEntry } from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import type { HonestNode } from './node/honest-node.js';
import { latestCheckpoint } from './node/held-log.js';
import { NET } from './node/keeper.js';
import { keysOf } from './signatures.js';
import type { Delivered, PeerStation, Pulled, Range, StreamPlace, WantedRange, WantedSnapshot } from './station.js';
import type { World } from './world.js';

/** Ways to lie. Several may be combined. */
export const LIES = ['forks', 'forges', 'truncates', 'stalls', 'replays', 'accuses', 'boasts', 'withholds', 'omits', 'rots'] as const;

export type Lie = (typeof LIES)[number];

const ALPHABET = 'abcdefgh';
const RANGE_MAX = 21;

/** A node that writes a log of its own like others, and lies about it and about what it has seen of others. */
export class Liar implements PeerStation {
  readonly name = 'the liar';
  readonly life = 1;
  readonly isUp = true;
  private readonly keys = keysOf(this.name);
  /** What one half of the peers is shown, and the other. The same up to the fork. */
  private readonly branches: readonly [SealedEntry[], SealedEntry[]] = [[], []];
  private readonly forkAt: number;
  private readonly forgeries = new Map<string, string>();

  constructor(private readonly lies: ReadonlySet<Lie>, private readonly victims: readonly HonestNode[], private readonly world: World) {
    this.forkAt = lies.has('forks') ? world.random(14) : Infinity;
  }

  get id(): NodeId { return this.keys.id; }

  /** Writes up to a moment; lies on for ever. */
  start(untilMs: number): void {
    const write = () => {
      if (this.world.scheduler.now > untilMs) return;
      this.write();
      this.world.scheduler.after(1_500 + this.world.random(2_000), write);
    };
    write();
  }

  pull(asker: PeerStation, { from }: StreamPlace): Pulled | undefined {
    if (this.isSilent()) return undefined;
    const start = this.does('replays', 300) ? 1 + this.world.random(from) : from;
    const entries: Delivered[] = this.branchFor(asker).slice(start - 1, start + 7)
      .map(({ jws, seq }) => ({ streamSeq: seq, issuer: this.id, topic: 'chains', jws: this.spoil(jws) }));
    const through = entries.at(-1)?.streamSeq ?? from - 1;
    if (this.does('forges', 300)) entries.push(...this.forged(through));
    return { epoch: 1, entries: this.does('replays', 300) ? entries.toReversed() : entries, through };
  }

  range(asker: PeerStation, wanted: WantedRange): Range | undefined {
    if (this.isSilent() || (this.is('withholds') && wanted.issuer !== this.id)) return undefined;
    if (this.does('truncates', 600)) return { entries: [] };
    const checkpoint = this.does('omits', 500) ? this.checkpointOf(wanted.issuer) : undefined;
    if (checkpoint !== undefined && wanted.from < this.world.places.of(checkpoint)) return { entries: [], checkpoint };
    const entries = this.given(asker, wanted).map((jws) => this.spoil(jws));
    return { entries: this.is('truncates') ? entries.slice(0, 1) : entries };
  }

  heads(asker: PeerStation): HeadVector | undefined {
    if (this.isSilent()) return undefined;
    const heads: Record<NodeId, readonly [number, string]> = {};
    const last = this.branchFor(asker).at(-1);
    if (last !== undefined) heads[this.id] = [last.seq, last.hash];
    for (const victim of this.victims) {
      const head = victim.keeper.own.head;
      if (head !== undefined) heads[victim.id] = this.headOf(victim, head);
    }
    return heads;
  }

  /** Entries of others, one of them left out. */
  snapshot(_asker: PeerStation, { issuer, checkpoint }: WantedSnapshot): readonly string[] | undefined {
    if (!this.is('omits')) return undefined;
    const genuine = this.victims.find(({ id }) => id === issuer)?.snapshot(this, { issuer, checkpoint }) ?? [];
    const omitted = this.world.random(Math.max(1, genuine.length));
    return genuine.filter((_jws, index) => index !== omitted);
  }

  private headOf(victim: HonestNode, head: Head): readonly [number, string] {
    if (this.is('boasts') || this.is('withholds')) return [head.seq + this.world.random(3), this.noise()];
    return this.is('truncates') ? [1, victim.keeper.own.entries.get(1)?.hash ?? this.noise()] : [head.seq, head.hash];
  }

  private given(asker: PeerStation, { issuer, from, to }: WantedRange): readonly string[] {
    const last = Math.min(to, from + RANGE_MAX - 1);
    return issuer === this.id ? this.branchFor(asker).slice(from - 1, last).map(({ jws }) => jws) : this.copied(issuer, from, last);
  }

  /** Two peers see two logs. */
  private branchFor(asker: PeerStation): readonly SealedEntry[] {
    return this.branches[asker.name.charCodeAt(asker.name.length - 1) % 2]!;
  }

  private write(): void {
    const [left, right] = this.branches;
    const isForked = left.length >= this.forkAt;
    const body = this.does('accuses', 300) ? this.accusation() : { draft: `${this.name} ${left.length}` };
    const type = 'proof' in body ? 'equivocation.proven' : 'chain.noted';
    const accused = 'accused' in body ? String(body.accused) : this.id;
    left.push(this.sealed(left.at(-1), { type, body, sub: accused }));
    if (!isForked) right.push(left.at(-1)!);
    else right.push(this.sealed(right.at(-1), { type: 'chain.noted', body: { draft: `another ${right.length}` }, sub: this.id }));
  }

  private sealed(before: Head | undefined, { type, body, sub }: { readonly type: string; readonly body: object; readonly sub: string }): SealedEntry {
    const payload = {
      v: 1 as const, net: NET, iss: this.id, seq: (before?.seq ?? 0) + 1, prev: before?.hash ?? GENESIS_PREVIOUS, topic: 'chains', type, sub, ts: this.world.scheduler.now, body: body as never,
    };
    const sealed = sealEntry(this.world.ed25519, this.keys.signing[0]!, `${this.id}#1`, payload);
    invariant(!('refused' in sealed), 'a liar seals well-formed entries');
    return sealed;
  }

  /** Two entries of an honest node that do not contradict each other, called a proof. */
  private accusation(): object {
    const { id } = this.victims[this.world.random(this.victims.length)]!;
    const last = this.world.witness.lastThatLeft(id)?.seq ?? 0;
    const entries = this.copied(id, Math.max(1, last - 1), last);
    return { accused: id, at: 1, proof: { v: 1, net: NET, iss: id, left: entries.slice(0, 1), right: entries.slice(-1) } };
  }

  /** Genuine entries, as far as anybody has got them. */
  private copied(issuer: NodeId, from: number, to: number): string[] {
    const { entries } = this.victims.find(({ id }) => id === issuer)?.keeper.own ?? { entries: new Map() };
    const copies: string[] = [];
    for (let seq = from; seq <= to && entries.has(seq) && this.world.witness.hasLeft({ issuer, seq }); seq += 1) copies.push(entries.get(seq)!.jws);
    return copies;
  }

  private checkpointOf(issuer: NodeId): string | undefined {
    const victim = this.victims.find(({ id }) => id === issuer);
    const latest = victim && latestCheckpoint(victim.keeper.own);
    return latest !== undefined && this.world.witness.hasLeft(latest) ? latest.jws : undefined;
  }

  /** Entries in the name of others, signed by nobody or by the liar. */
  private forged(behind: number): Delivered[] {
    return this.victims.map((victim, index) => {
      const head = this.world.witness.lastThatLeft(victim.id);
      const name = `${victim.id}:${head?.seq ?? 0}`;
      const jws = this.forgeries.get(name) ?? this.forgery(victim, head, index % 2 === 0);
      this.forgeries.set(name, jws);
      return { streamSeq: behind, issuer: victim.id, topic: 'chains', jws };
    });
  }

  /** The next entry of a victim with a signature by the liar, or the last one with a signature by nobody. */
  private forgery({ id }: HonestNode, head: { readonly jws: string; readonly seq: number; readonly hash: string } | undefined, isSigned: boolean): string {
    if (!isSigned) return `${(head?.jws ?? '').slice(0, -4)}AAAA`;
    const payload = { v: 1 as const, net: NET, iss: id, seq: (head?.seq ?? 0) + 1, prev: head?.hash ?? GENESIS_PREVIOUS, topic: 'chains', type: 'chain.noted', sub: 'x', ts: 1, body: {} };
    const sealed = sealEntry(this.world.ed25519, this.keys.signing[0]!, `${id}#1`, payload);
    return 'refused' in sealed ? '' : sealed.jws;
  }

  private spoil(jws: string): string {
    if (!this.does('rots', 200)) return jws;
    const at = this.world.random(jws.length);
    return `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`;
  }

  private noise(): string { return `${Array.from({ length: 42 }, () => ALPHABET[this.world.random(ALPHABET.length)]).join('')}A`; }

  private is(lie: Lie): boolean { return this.lies.has(lie); }

  /** Whether it lies in one way this time. */
  private does(lie: Lie, outOf1000: number): boolean { return this.is(lie) && this.world.random(1_000) < outOf1000; }

  private isSilent(): boolean { return this.does('stalls', 700); }
}
