import { describe, expect, it } from '@jest/globals';
import { fromBase64url, portableEd25519, toBase64url } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify, importJWK } from 'jose';
import { altered, draft, headAfter, logOf, NETWORK, north, opened, south } from '../example-log.js';
import { ENTRY_BYTES_MAX, entryId, firstKey, GENESIS_PREVIOUS, hashEntry, readKid, type EntryPayload } from './entry.js';
import { isBoundedJson } from './bounded-json.js';
import { headerText } from './entry-parts.js';
import { openEntry } from './open-entry.js';
import { sealBatch, sealEntry } from './seal-entry.js';
import { isTopic, subjectOf, TOPICS } from './topics.js';

const open = (jws: string) => openEntry(portableEd25519, jws, firstKey, { net: NETWORK });
const seal = (payload: EntryPayload) => sealEntry(portableEd25519, north.privateKey, north.kid, payload);
const first = (change: Partial<EntryPayload> = {}): EntryPayload =>
  ({ ...draft(), v: 1, net: NETWORK, iss: north.id, seq: 1, prev: GENESIS_PREVIOUS, ...change });

function sealed(payload: EntryPayload): string {
  const entry = seal(payload);
  if ('refused' in entry) throw new Error(entry.detail);
  return entry.jws;
}

/** Signs any payload text under a sound header, as only the issuer itself could. */
function signedText(payload: string): string {
  const text = [headerText(north.kid), payload].map((part) => toBase64url(new TextEncoder().encode(part))).join('.');
  return `${text}.${toBase64url(portableEd25519.sign(north.privateKey, new TextEncoder().encode(text)))}`;
}

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64url).filter((text) => text !== GENESIS_PREVIOUS);
const timeMs = fc.nat({ max: 253_402_300_799_999 });
const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as never).filter(isBoundedJson);
const payloads: fc.Arbitrary<EntryPayload> = fc.record({
  v: fc.constant(1 as const), net: fc.constant(NETWORK), iss: fc.constant(north.id),
  seq: fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }), prev: hash, topic: token,
  type: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/), sub: fc.stringMatching(/^[a-z:/@.]{1,40}$/), ts: timeMs,
  to: fc.constant(south.id), re: hash, exp: timeMs, body: fc.dictionary(fc.string(), json).filter(isBoundedJson),
}, { requiredKeys: ['v', 'net', 'iss', 'seq', 'prev', 'topic', 'type', 'sub', 'ts', 'body'] });

describe('an entry', () => {
  const jws = sealed(first());

  it('opens to what was sealed', () => {
    fc.assert(fc.property(payloads, (payload) => {
      expect(open(sealed(payload))).toMatchObject({ payload, header: { kid: north.kid }, isSignatureVerified: true });
    }));
  });

  it('has the same bytes whatever the order of the members', () => {
    const turned = Object.fromEntries(Object.entries(first()).reverse()) as unknown as EntryPayload;
    expect(sealed(turned)).toBe(jws);
  });

  it('is refused after any change of one character', () => {
    const letter = fc.constantFrom(...'AQgwzB01-_.=+/ \n~é');
    fc.assert(fc.property(fc.nat({ max: jws.length - 1 }), letter, (at, other) => {
      fc.pre(jws[at] !== other);
      expect(open(altered(jws, at, other))).toHaveProperty('refused');
    }), { numRuns: 400 });
  });

  it('is refused with a character more or less', () => {
    fc.assert(fc.property(fc.nat({ max: jws.length - 1 }), fc.constantFrom('A', '.', '='), (at, letter) => {
      expect(open(jws.slice(0, at) + letter + jws.slice(at))).toHaveProperty('refused');
      expect(open(jws.slice(0, at) + jws.slice(at + 1))).toHaveProperty('refused');
    }));
  });

  it('is refused, never thrown, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(token).map((parts) => parts.join('.'))), (text) => {
      expect(open(text)).toHaveProperty('refused', 'entry.malformed');
    }));
  });

  it('is refused, never thrown, whatever its own issuer signs', () => {
    const member = fc.tuple(fc.constantFrom('v', 'net', 'iss', 'seq', 'prev', 'topic', 'type', 'sub', 'ts', 'body', 'to', 'x'), fc.jsonValue());
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string(), member.map(([name, value]) => JSON.stringify({ ...first(), [name]: value }))), (text) => {
      const entry = open(signedText(text));
      const isSealable = 'payload' in entry && !('refused' in seal(entry.payload));
      expect(isSealable || 'refused' in entry).toBe(true);
    }), { numRuns: 60 });
  });

  it('verifies with jose, which seals it to the same bytes', async () => {
    const keyOf = (member: { d?: string }) => importJWK({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(portableEd25519.publicKey(north.privateKey)), ...member }, 'EdDSA');
    const { payload, protectedHeader } = await compactVerify(jws, await keyOf({}));
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: north.kid, typ: 'sep-entry+jws' });
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(first());
    const theirs = await new CompactSign(fromBase64url(jws.split('.')[1]!)!)
      .setProtectedHeader({ alg: 'EdDSA', kid: north.kid, typ: 'sep-entry+jws' }).sign(await keyOf({ d: toBase64url(north.privateKey) }));
    expect(theirs).toBe(jws);
  });

  it('is named by issuer and sequence number', () => expect(entryId(north.id, 7)).toBe(`${north.id}:7`));
});

describe('opening an entry', () => {
  it('reads no payload of which the signature does not hold', () => {
    const forged = { ...portableEd25519, verify: () => false };
    expect(openEntry(forged, signedText('no json'), firstKey, { net: NETWORK })).toHaveProperty('refused', 'entry.bad_signature');
  });

  it('asks for the key by kid and takes no other', () => {
    const asked: string[] = [];
    const answer = openEntry(portableEd25519, sealed(first()), (kid) => { asked.push(kid); return undefined; }, { net: NETWORK });
    expect([asked, answer]).toEqual([[north.kid], expect.objectContaining({ refused: 'entry.unknown_key' })]);
  });
});

describe('sealing', () => {
  it('refuses a payload that makes the entry too large', () => {
    expect(seal(first({ body: { pad: 'x'.repeat(ENTRY_BYTES_MAX) } }))).toHaveProperty('refused', 'entry.too_large');
  });

  it.each([
    ['a number that is none', { n: Number.NaN }], ['an inexact integer', { n: 2 ** 53 }], ['a lone surrogate', { a: '\ud800' }], ['U+0000', { a: '\0' }],
  ])('refuses %s', (_name, body) => expect(seal(first({ body }))).toHaveProperty('refused', 'entry.malformed'));

  it('refuses every payload that opening would refuse', () => {
    fc.assert(fc.property(fc.constantFrom(...Object.keys(first())), fc.jsonValue(), (name, value) => {
      const payload = { ...first(), [name]: value } as unknown as EntryPayload;
      fc.pre(payload.iss === north.id);
      const outcome = seal(payload);
      expect('refused' in outcome || !('refused' in openEntry(portableEd25519, outcome.jws, firstKey, { net: payload.net }))).toBe(true);
    }), { numRuns: 60 });
  });

  it('leaves undefined members of a body out', () => {
    expect(opened(sealed(first({ body: { a: 1, b: undefined } }))).payload.body).toEqual({ a: 1 });
  });

  it('never signs with the key of another node', () => {
    expect(() => sealEntry(portableEd25519, south.privateKey, south.kid, first())).toThrow('belongs to its issuer');
  });
});

describe('sealing a batch', () => {
  it('continues the head without a gap', () => {
    const [last] = logOf(3).slice(-1);
    const batch = sealBatch(portableEd25519, north, headAfter(last!), [draft(), draft({ topic: 'clearing' })]);
    const [fourth, fifth] = batch.entries.map(({ jws }) => opened(jws).payload);
    expect([fourth?.seq, fourth?.prev, fifth?.seq, fifth?.prev]).toEqual([4, hashEntry(last!), 5, batch.entries[0]?.hash]);
    expect(batch.head).toEqual({ seq: 5, hash: batch.entries[1]?.hash });
  });

  it('gives a refused draft no sequence number', () => {
    const drafts = [draft(), draft({ sub: '' }), draft({ body: { pad: 'x'.repeat(ENTRY_BYTES_MAX) } }), draft()];
    const batch = sealBatch(portableEd25519, north, undefined, drafts);
    expect(batch.entries.map(({ seq, draft: place }) => [seq, place])).toEqual([[1, 0], [2, 3]]);
    expect(batch.refused.map(({ refused, draft: place }) => [refused, place])).toEqual([['entry.malformed', 1], ['entry.too_large', 2]]);
  });

  it('keeps the head when there is nothing to seal', () => {
    expect(sealBatch(portableEd25519, north, undefined, []).head).toBeUndefined();
  });

  it('takes the place in the log from the head, not from the draft', () => {
    const greedy = { ...draft(), seq: 9, iss: south.id, net: 'other-network' };
    expect(opened(sealBatch(portableEd25519, north, undefined, [greedy]).entries[0]!.jws).payload).toMatchObject({ seq: 1, iss: north.id, net: NETWORK });
  });
});

describe('names', () => {
  it('put topic and node into the subject', () => {
    expect(TOPICS.map((topic) => subjectOf(topic, north.id))).toContain(`federation.graph.${north.id}`);
    expect(isTopic('weather')).toBe(false);
  });
  it.each(['graph.x', '*', '>', '', 'a b'])('refuse the topic "%s" in a subject', (topic) => expect(() => subjectOf(topic, north.id)).toThrow('one token'));
  it('refuse a subject for what is no node', () => expect(() => subjectOf('graph', 'north')).toThrow('fingerprint'));
  it.each(['', 'north', `${north.id}#`, `${north.id}#0`, `${north.id}#01`, `${north.id}#1 `])('find no node in the kid "%s"', (kid) => expect(readKid(kid)).toBeUndefined());
  it('give the first key of a node without a registry, and no later one', () => {
    expect(firstKey(north.kid)).toEqual(portableEd25519.publicKey(north.privateKey));
    expect(firstKey(`${north.id}#2`)).toBeUndefined();
  });
});
