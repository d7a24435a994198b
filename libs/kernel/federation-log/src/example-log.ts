import { nodeIdOfKey, portableEd25519 } from '@kula/kernel-crypto';
import { firstKey, type Head } from './entry/entry.js';
import { openEntry } from './entry/open-entry.js';
import type { OpenedEntry } from './entry/entry-parts.js';
import { sealBatch, type EntryDraft, type Sealer } from './entry/seal-entry.js';

/** The network of the example nodes and logs, which only the specs of this package use. */
export const NETWORK = 'example-network';

function node(fill: number): Sealer & { readonly id: string } {
  const privateKey = new Uint8Array(32).fill(fill);
  const id = nodeIdOfKey(portableEd25519.publicKey(privateKey));
  return { id, privateKey, kid: `${id}#1`, net: NETWORK };
}

export const north = node(11);
export const south = node(21);

export const draft = (change: Partial<EntryDraft> = {}): EntryDraft => ({
  topic: 'graph', type: 'offering.published', sub: 'offering-1', ts: 1_750_000_000_000, body: { title: 'bread' }, ...change,
});

/** A log of north's, continuing a head; the title tells branches apart. */
export const logOf = (length: number, head?: Head, title = 'bread'): readonly string[] =>
  sealBatch(portableEd25519, north, head, Array.from({ length }, () => draft({ body: { title } }))).entries.map(({ jws }) => jws);

/** An entry known to be sound. */
export function opened(jws: string): OpenedEntry {
  const entry = openEntry(portableEd25519, jws, firstKey, { net: NETWORK });
  if ('refused' in entry) throw new Error(`${entry.refused}: ${entry.detail}`);
  return entry;
}

/** The head after an entry. */
export const headAfter = (jws: string): Head => ({ seq: opened(jws).payload.seq, hash: opened(jws).hash });

/** The text with another letter at a place. */
export const altered = (text: string, at: number, letter: string): string => `${text.slice(0, at)}${letter}${text.slice(at + 1)}`;
