/** The entry format once more, on Node's own crypto: the vectors owe nothing to the code they test. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

export const NETWORK = 'example-network';
export const GENESIS = 'A'.repeat(43);

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function base58(bytes) {
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  return text;
}

/** A key pair from a seed of one byte repeated. */
export function keyPair(fill) {
  const seed = Buffer.alloc(32, fill);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x, 'base64url');
  return { seed, privateKey, publicKey };
}

/** A node with two keys; key 1 makes its id. */
function node(name, fill) {
  const pairs = [keyPair(fill), keyPair(fill + 1)];
  const id = `z${base58(Buffer.concat([Buffer.of(0xed, 0x01), pairs[0].publicKey]))}`;
  return { name, id, pairs };
}

export const north = node('north', 11);
export const south = node('south', 21);

export const kidOf = (owner, keyNo = 1) => `${owner.id}#${keyNo}`;
export const base64url = (content) => Buffer.from(content).toString('base64url');
export const hashOf = (jws) => createHash('sha256').update(jws, 'ascii').digest('base64url');

/** Public keys by kid, as the vectors carry them. */
export const keysOf = (...kids) => Object.fromEntries(kids.map((kid) => [kid, base64url(pairOf(kid).publicKey)]));

/** Private seeds by kid, so that others can seal the same entries. */
export const seeds = () => Object.fromEntries([north, south].flatMap((owner) =>
  owner.pairs.map((pair, at) => [kidOf(owner, at + 1), base64url(pair.seed)])));

function pairOf(kid) {
  const [id, keyNo] = kid.split('#');
  return [north, south].find((owner) => owner.id === id).pairs[Number(keyNo) - 1];
}

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
};

/** Canonical JSON of the plain values used here. */
export const canonical = (value) => JSON.stringify(sorted(value));

/** Signs any header text and payload bytes, sound or not. */
export function jwsOf(headerText, payload, signer) {
  const signedText = `${base64url(headerText)}.${base64url(payload)}`;
  return `${signedText}.${base64url(sign(null, Buffer.from(signedText, 'ascii'), signer))}`;
}

export const headerOf = (kid) => `{"alg":"EdDSA","kid":"${kid}","typ":"sep-entry+jws"}`;

/** Signs payload text or bytes with a key under our header. */
export const signed = (payload, kid = kidOf(north)) => jwsOf(headerOf(kid), payload, pairOf(kid).privateKey);

/** Seals a payload as canonical JSON. */
export const sealed = (payload, kid = kidOf(north)) => signed(canonical(payload), kid);

/** The payload of north's first entry, with changes. A change to undefined takes the member away. */
export function firstPayload(change = {}) {
  return {
    v: 1, net: NETWORK, iss: north.id, seq: 1, prev: GENESIS, topic: 'graph', type: 'offering.published',
    sub: 'offering-1', ts: 1_750_000_000_000, body: { title: 'bread' }, ...change,
  };
}

/** A chain of entries; each change is applied to the payload that follows from the one before. */
export function chain(changes, after = { seq: 0, hash: GENESIS }) {
  const entries = [];
  let head = after;
  for (const { kid, ...change } of changes) {
    const payload = firstPayload({ seq: head.seq + 1, prev: head.hash, sub: `offering-${head.seq + 1}`, ...change });
    const jws = sealed(payload, kid ?? kidOf(north));
    entries.push(jws);
    head = { seq: payload.seq, hash: hashOf(jws) };
  }
  return entries;
}

/** The head of a log that starts at sequence number 1. */
export const headOf = (log) => (log.length === 0 ? null : [log.length, hashOf(log.at(-1))]);
