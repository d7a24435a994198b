import { fromBase64url, hashBytes, portableEd25519, type Ed25519 } from '@kula/kernel-crypto';
import { NETWORK, north } from '../example-log.js';
import { firstKey, hashEntry } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import { openEntry } from '../entry/open-entry.js';
import { sealBatch, type EntryDraft, type Sealer } from '../entry/seal-entry.js';
import type { LogItem } from './log-item.js';

const publicKeys = new Map<Uint8Array, Uint8Array>();
function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const known = publicKeys.get(privateKey) ?? portableEd25519.publicKey(privateKey);
  publicKeys.set(privateKey, known);
  return known;
}

const digest = (key: Uint8Array, message: Uint8Array): Uint8Array => fromBase64url(hashBytes(Uint8Array.of(...key, ...message)))!;
const toySignature = (key: Uint8Array, message: Uint8Array): Uint8Array => Uint8Array.of(...digest(key, message), ...digest(message, key));

/** Keys as they are, with signatures that anybody could make: a thousand times as fast, for specs that do not attack them. */
export const toyEd25519: Ed25519 = {
  publicKey: publicKeyOf,
  sign: (privateKey, message) => toySignature(publicKeyOf(privateKey), message),
  verify: (publicKey, message, signature) => toySignature(publicKey, message).every((byte, index) => byte === signature[index]),
};

/** An entry known to be sound, of the first key of its node. */
export function toyOpened(jws: string): OpenedEntry {
  const entry = openEntry(toyEd25519, jws, firstKey, { net: NETWORK });
  if ('refused' in entry) throw new Error(`${entry.refused}: ${entry.detail}`);
  return entry;
}

/** Time of the first example item; the others are within a few milliseconds of it. */
export const START_MS = 1_750_000_000_000;
/** Numbers below this choose an example item. */
export const PICK_MAX = 1_000_000;

const TIMES = Array.from({ length: 9 }, (_, after) => START_MS + after);
const STATE_TYPES = ['listing.published', 'listing.published', 'listing.reserved', 'listing.withdrawn', 'offer.withdrawn', 'listing.withdrawn.again'];

/** An entry of the specs, one for every number. Few enough of everything that they replace, withdraw and outlive one another. */
function draftOf(pick: number): EntryDraft {
  let rest = pick;
  const choose = <Value>(...from: readonly Value[]): Value => {
    const chosen = from[rest % from.length]!;
    rest = Math.floor(rest / from.length);
    return chosen;
  };
  const ts = choose(...TIMES);
  if (choose(1, 2, 3, 4, 5, 6, 7) === 1) return { topic: choose('announce', 'graph'), type: 'log.checkpoint', sub: north.id, ts, body: {} };
  const topic = choose('graph', 'graph', 'chains');
  const type = choose(...STATE_TYPES);
  const sub = choose('bread', 'flour');
  const exp = choose(undefined, undefined, ...TIMES);
  return { topic, type, sub, ts, ...(exp !== undefined && { exp }), body: {} };
}

/** The items of a log of the specs. */
export const itemsOf = (picks: readonly number[]): LogItem[] => picks.map((pick, index) => {
  const { topic, type, sub, ts, exp } = draftOf(pick);
  return { seq: index + 1, hash: `hash ${index + 1}`, topic, type, sub, ts, exp };
});

/** Such a log, sealed by north. */
export const sealedOf = (picks: readonly number[]): string[] => sealedBehind([], ...picks.map(draftOf));

/** Entries of north behind a log. */
export const sealedBehind = (log: readonly string[], ...drafts: readonly EntryDraft[]): string[] => sealedBy(north, log, ...drafts);

/** Entries of anybody behind a log. */
export function sealedBy(sealer: Sealer, log: readonly string[], ...drafts: readonly EntryDraft[]): string[] {
  const last = log.at(-1);
  const head = last === undefined ? undefined : { seq: log.length, hash: hashEntry(last) };
  return sealBatch(toyEd25519, sealer, head, drafts).entries.map(({ jws }) => jws);
}
