import { sealBatch, type EntryDraft, type SealedEntry } from '@kula/kernel-federation-log';
import { nodeIdOfKey, type NodeId } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName } from '@kula/testing-fixtures';
import { COUNTED } from '../counting/counted-entry.js';

/** An entry of a scripted log: what is sealed, and the topic it stands under. */
export type ScriptedEntry = SealedEntry & { readonly topic: string; readonly note: string };

const STARTED_MS = 1_000;

/** A log that a test signs itself, honest or not: branches of one log have one key. */
export class ScriptedLog {
  readonly entries: ScriptedEntry[] = [];
  private readonly privateKey: Uint8Array;

  constructor(readonly name: string, private readonly network = 'kula-dev') {
    this.privateKey = keyOfName(`node ${name}`);
  }

  get nodeId(): NodeId { return nodeIdOfKey(nodeEd25519.publicKey(this.privateKey)); }

  get key(): Uint8Array { return this.privateKey; }

  /** Another log of the same issuer that is the same up to an entry and differs from there on. */
  branch(upTo: number): ScriptedLog {
    const other = new ScriptedLog(this.name, this.network);
    other.entries.push(...this.entries.slice(0, upTo));
    return other;
  }

  /** Adds entries that consumers count. */
  add(count: number, word: string): readonly ScriptedEntry[] {
    const notes = Array.from({ length: count }, (_unused, index) => `${this.name} ${word} ${index}`);
    return this.seal(notes.map((note) => ({ topic: COUNTED.topic, type: COUNTED.type, sub: note, ts: STARTED_MS, body: { note } })), notes);
  }

  private seal(drafts: readonly EntryDraft[], notes: readonly string[]): readonly ScriptedEntry[] {
    const last = this.entries.at(-1);
    const sealer = { kid: `${this.nodeId}#1`, privateKey: this.privateKey, net: this.network };
    const { entries } = sealBatch(nodeEd25519, sealer, last && { seq: last.seq, hash: last.hash }, drafts);
    const sealed = entries.map((entry, index) => ({ ...entry, topic: drafts[index]!.topic, note: notes[index]! }));
    this.entries.push(...sealed);
    return sealed;
  }
}
