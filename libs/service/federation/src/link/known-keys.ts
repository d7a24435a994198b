import { firstKey, type KeyLookup } from '@kula/kernel-federation-log';

const KEYS_MAX = 4_096;

/** Looks up the first key of any node; remembers the answers, since decoding a node id costs as much as hashing an entry. */
export function rememberedKeys(): KeyLookup {
  const keys = new Map<string, Uint8Array>();
  return (kid) => {
    const known = keys.get(kid);
    if (known !== undefined) return known;
    const key = firstKey(kid);
    if (key === undefined) return undefined;
    if (keys.size >= KEYS_MAX) keys.clear();
    keys.set(kid, key);
    return key;
  };
}
