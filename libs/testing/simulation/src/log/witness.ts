import type { NodeId } from '@kula/kernel-crypto';
import type { Head } from '@kula/kernel-federation-log';
import type { HeldEntry } from './node/held-log.js';

const VIOLATIONS_MAX = 20;

/** Sees everything that every node does and knows what must never happen. */
export class Witness {
  readonly violations: string[] = [];
  readonly counts = { sealed: 0, stored: 0, applied: 0 };
  /** Hashes that an honest node has signed for a place of its log. */
  private readonly signed = new Map<string, Set<string>>();
  /** The one of them that has left the node. What never left it can be signed again: nobody can tell. */
  private readonly left = new Map<string, string>();
  private readonly lastLeft = new Map<NodeId, HeldEntry>();
  private readonly draftsSealed = new Map<string, string>();
  private readonly honest = new Set<NodeId>();
  private readonly names = new Map<NodeId, string>();

  knows(id: NodeId, name: string, isHonest: boolean): void {
    this.names.set(id, name);
    if (isHonest) this.honest.add(id);
  }

  nameOf(id: NodeId): string { return this.names.get(id) ?? id; }

  /** An honest node has signed: each place once, each draft once. */
  sealed({ issuer, seq, hash, draft }: HeldEntry): void {
    const place = `${issuer}:${seq}`;
    const before = this.left.get(place);
    if (before !== undefined && before !== hash) this.violate(`${this.nameOf(issuer)} signs two entries at ${seq}`);
    this.signed.set(place, (this.signed.get(place) ?? new Set()).add(hash));
    this.counts.sealed += 1;
    if (draft === undefined) return;
    const at = this.draftsSealed.get(draft);
    if (at !== undefined && at !== place && this.left.has(at)) this.violate(`${this.nameOf(issuer)} seals ${draft} twice, at ${at.split(':')[1] ?? ''} and ${seq}`);
    this.draftsSealed.set(draft, place);
  }

  /** A node stores an entry behind a head. */
  stored(at: NodeId, entry: HeldEntry, head: Head | undefined): void {
    this.counts.stored += 1;
    if (entry.seq !== (head?.seq ?? 0) + 1) this.violate(`${this.nameOf(at)} stores ${this.nameOf(entry.issuer)}:${entry.seq} behind ${head?.seq ?? 0}`);
    this.gets(at, entry);
  }

  /** A node takes over entries of a snapshot and its checkpoint. */
  adopted(at: NodeId, entries: readonly HeldEntry[]): void {
    for (const entry of entries) this.gets(at, entry);
  }

  /** True where somebody else holds the entry of an honest node. */
  hasLeft({ issuer, seq }: Pick<HeldEntry, 'issuer' | 'seq'>): boolean { return this.left.has(`${issuer}:${seq}`); }

  /** The last entry of a node that anybody else got. */
  lastThatLeft(issuer: NodeId): HeldEntry | undefined { return this.lastLeft.get(issuer); }

  /** A node holds a proof. */
  accused(by: NodeId, issuer: NodeId): void {
    if (this.honest.has(issuer)) this.violate(`${this.nameOf(by)} holds a proof against ${this.nameOf(issuer)}, which is honest`);
  }

  /** A service of a node applies an entry, after those before. */
  applied(at: NodeId, issuer: NodeId, { seq, before }: { readonly seq: number; readonly before: number }): void {
    this.counts.applied += 1;
    if (before >= seq) this.violate(`${this.nameOf(at)} applies ${this.nameOf(issuer)}:${seq} after ${before}`);
  }

  violate(what: string): void {
    if (this.violations.length < VIOLATIONS_MAX && !this.violations.includes(what)) this.violations.push(what);
  }

  private gets(at: NodeId, entry: HeldEntry): void {
    const { issuer, seq, hash } = entry;
    const place = `${issuer}:${seq}`;
    if (at !== issuer) {
      this.left.set(place, hash);
      if (seq > (this.lastLeft.get(issuer)?.seq ?? 0)) this.lastLeft.set(issuer, entry);
    }
    if (this.honest.has(issuer) && this.signed.get(place)?.has(hash) !== true) this.violate(`${this.nameOf(at)} holds an entry ${seq} that ${this.nameOf(issuer)} never signed`);
  }
}
