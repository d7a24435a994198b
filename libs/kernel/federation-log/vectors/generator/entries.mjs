/** Single entries: what opens, what is refused and with which code. */
import { createHash } from 'node:crypto';
import {
  base64url, firstPayload, GENESIS, hashOf, headerOf, jwsOf, keysOf, kidOf, north, sealed, signed, south,
} from './wire.mjs';

const ENTRY_BYTES_MAX = 65_536;
const signer = north.pairs[0].privateKey;
const someHash = createHash('sha256').update('some earlier entry').digest('base64url');
const nested = (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const withBody = (text) => JSON.stringify(firstPayload({ body: 0 })).replace('"body":0', `"body":${text}`);

/** An entry of just this length; the body is padded. Every fourth length does not occur in base64url. */
function entryOfLength(length) {
  const spare = Math.floor(((length - sealed(firstPayload({ body: { pad: '' } })).length) * 3) / 4);
  for (let pad = spare - 3; pad <= spare + 3; pad += 1) {
    const jws = sealed(firstPayload({ body: { pad: 'x'.repeat(pad) } }));
    if (jws.length === length) return jws;
  }
  throw new Error(`no entry has ${length} bytes`);
}

const opens = (name, jws, more = {}) => ({
  name, keys: keysOf(kidOf(north), kidOf(north, 2)), entries: [jws],
  expect: { hash: hashOf(jws), payload: JSON.parse(Buffer.from(jws.split('.')[1], 'base64url').toString()) }, ...more,
});

export function validEntries() {
  const addressed = { to: south.id, re: someHash, exp: 1_750_000_600_000, topic: 'chains', type: 'chain.proposed', sub: 'chain-1' };
  const payload = firstPayload();
  return [
    opens('the first entry of a log', sealed(payload), { isCanonical: true }),
    opens('an addressed entry that answers another and expires', sealed(firstPayload({ ...addressed, seq: 7, prev: someHash })), { isCanonical: true }),
    opens('an entry under the second key', sealed(firstPayload({ seq: 2, prev: someHash }), kidOf(north, 2)), { isCanonical: true }),
    opens('an unknown topic is stored', sealed(firstPayload({ topic: 'weather' })), { isCanonical: true }),
    opens('an unknown type is stored', sealed(firstPayload({ type: 'offering.repainted' })), { isCanonical: true }),
    opens('a payload need not be canonical JSON', signed(JSON.stringify(Object.fromEntries(Object.entries(payload).reverse()), null, 1))),
    opens('text beyond ASCII', sealed(firstPayload({ sub: 'panadería 🥖', body: { title: 'pão, ψωμί, パン' } })), { isCanonical: true }),
    opens('nesting at the bound of 32', signed(withBody(`{"deep":${nested(30)}}`))),
    opens('numbers at the bounds', signed(withBody('{"n":[9007199254740991,-9007199254740991,0.1,1e-7,0]}'))),
    opens('one name in two objects', signed(withBody('{"a":{"x":1},"b":{"x":1}}'))),
    opens('punctuation inside text', signed(withBody('{"a":"\\"x\\":{[,\\\\","b\\":":"::"}'))),
    opens('an empty body', sealed(firstPayload({ body: {} })), { isCanonical: true }),
    opens('an entry of exactly 65,536 bytes', entryOfLength(ENTRY_BYTES_MAX)),
  ];
}

const refused = (name, code, jws, expected = {}) => ({
  name, keys: keysOf(kidOf(north), kidOf(south)), entries: [jws], ...expected, expect: { refused: code },
});

/** The same signature with the group order added to its scalar: the classic malleability. */
function withHigherScalar(jws) {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  const [header, payload, signature] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const scalar = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
  const higher = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse();
  return [header, payload, base64url(Buffer.concat([bytes.subarray(0, 32), higher]))].join('.');
}

function badForms() {
  const good = sealed(firstPayload());
  const [header, payload, signature] = good.split('.');
  const under = (headerText) => jwsOf(headerText, JSON.stringify(firstPayload()), signer);
  const kid = kidOf(north);
  const lastLetter = String.fromCharCode(signature.charCodeAt(85) + 1);
  return [
    ['no text', ''],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${good}.${signature}`],
    ['padding', `${good}==`],
    ['a line end', `${good}\n`],
    ['bits beyond the last byte of the signature', `${good.slice(0, -1)}${lastLetter}`],
    ['a signature of 63 bytes', `${header}.${payload}.${base64url(Buffer.from(signature, 'base64url').subarray(0, 63))}`],
    ['alg none', under(`{"alg":"none","kid":"${kid}","typ":"sep-entry+jws"}`)],
    ['alg HS256', under(`{"alg":"HS256","kid":"${kid}","typ":"sep-entry+jws"}`)],
    ['another typ', under(`{"alg":"EdDSA","kid":"${kid}","typ":"JWT"}`)],
    ['a further header member', under(`{"alg":"EdDSA","crit":[],"kid":"${kid}","typ":"sep-entry+jws"}`)],
    ['a header member twice', under(`{"alg":"none","alg":"EdDSA","kid":"${kid}","typ":"sep-entry+jws"}`)],
    ['header members in another order', under(`{"alg":"EdDSA","typ":"sep-entry+jws","kid":"${kid}"}`)],
    ['white space in the header', under(`{"alg":"EdDSA", "kid":"${kid}","typ":"sep-entry+jws"}`)],
    ['a byte order mark before the header', under(`\ufeff${headerOf(kid)}`)],
    ['a kid without a key number', under(headerOf(north.id))],
    ['key number 0', under(headerOf(`${north.id}#0`))],
    ['a key number with a leading zero', under(headerOf(`${north.id}#01`))],
    ['a kid that is no node', under(headerOf('north#1'))],
  ].map(([name, jws]) => refused(name, 'entry.malformed', jws));
}

function badSignatures() {
  const good = sealed(firstPayload());
  const other = sealed(firstPayload({ body: { title: 'cake' } }));
  const [header, payload, signature] = good.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0] ^= 1;
  return [
    ['another key', jwsOf(headerOf(kidOf(north)), JSON.stringify(firstPayload()), south.pairs[0].privateKey)],
    ['a flipped bit', `${header}.${payload}.${base64url(bytes)}`],
    ['the signature of another entry', `${header}.${payload}.${other.split('.')[2]}`],
    ['a signature of zeros', `${header}.${payload}.${base64url(Buffer.alloc(64))}`],
    ['a scalar beyond the group order', withHigherScalar(good)],
    ['a payload that is not JSON is not even read', `${header}.${base64url('{')}.${signature}`],
  ].map(([name, jws]) => refused(name, 'entry.bad_signature', jws));
}

function badJson() {
  return [
    ['no JSON', 'bread'],
    ['nothing', ''],
    ['two values', `${JSON.stringify(firstPayload())}{}`],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"v":1,"sub":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}')])],
    ['a byte order mark', `\ufeff${JSON.stringify(firstPayload())}`],
    ['a member twice', JSON.stringify(firstPayload()).replace('"seq":1', '"seq":2,"seq":1')],
    ['a member of the body twice, once escaped', withBody('{"a":1,"\\u0061":2}')],
    ['nesting of 33', withBody(`{"deep":${nested(31)}}`)],
    ['an integer beyond 2^53 - 1', withBody('{"n":9007199254740993}')],
    ['a number that overflows', withBody('{"n":1e999}')],
    ['a lone surrogate', withBody('{"a":"\\ud800"}')],
    ['a lone surrogate in a name', withBody('{"\\udc00":1}')],
    ['U+0000', withBody('{"a":"\\u0000"}')],
    ['a number with a leading zero', withBody('{"n":01}')],
    ['a comma at the end', withBody('{"a":1,}')],
  ].map(([name, payload]) => refused(`payload with ${name}`, 'entry.malformed', signed(payload)));
}

function badPayloads() {
  return [
    ['another version', { v: 2 }], ['an unknown member', { seqs: 1 }], ['no body', { body: undefined }], ['a body that is a list', { body: [] }],
    ['a body that is null', { body: null }], ['seq 0', { seq: 0, prev: someHash }], ['seq 1.5', { seq: 1.5, prev: someHash }],
    ['seq as text', { seq: '1' }], ['a first entry with a previous one', { prev: someHash }], ['a second entry without a previous one', { seq: 2 }],
    ['a prev that is not canonical base64url', { seq: 2, prev: `${GENESIS.slice(0, -1)}B` }], ['a short prev', { seq: 2, prev: 'AAAA' }],
    ['a topic of two tokens', { topic: 'graph.x' }], ['a wildcard as topic', { topic: '*' }], ['an empty topic', { topic: '' }],
    ['a type with a space', { type: 'offering published' }], ['an empty sub', { sub: '' }], ['a sub with a control character', { sub: 'a\u0007' }],
    ['a sub of 257 characters', { sub: 'x'.repeat(257) }], ['a time as text', { ts: '2025-06-15T15:06:40Z' }], ['a negative time', { ts: -1 }],
    ['a time after the year 9999', { ts: 253_402_300_800_000 }], ['a time with a fraction', { ts: 0.5 }], ['an exp that is null', { exp: null }],
    ['an addressee that is no node', { to: 'south' }], ['an re that is no hash', { re: 'AAAA' }], ['an empty network', { net: '' }],
    ['an issuer that is no node', { iss: 'north' }],
  ].map(([name, change]) => refused(`payload with ${name}`, 'entry.malformed', signed(JSON.stringify(firstPayload(change)))))
    .concat([refused('payload that is a list', 'entry.malformed', signed('[]'))]);
}

function foreignEntries() {
  const good = sealed(firstPayload());
  return [
    refused('a key nobody knows', 'entry.unknown_key', sealed(firstPayload(), kidOf(north, 2))),
    refused('another network', 'entry.wrong_network', sealed(firstPayload({ net: 'other-network' }))),
    refused('an issuer other than the key is of', 'entry.wrong_issuer', sealed(firstPayload({ iss: south.id }))),
    refused('an issuer other than the subject names', 'entry.wrong_issuer', good, { expected: { iss: south.id } }),
    refused('a topic other than the subject names', 'entry.wrong_topic', good, { expected: { topic: 'clearing' } }),
    refused('a key retired before this entry', 'entry.retired_key', sealed(firstPayload({ seq: 9, prev: someHash })), { lastSeqOfKey: { [kidOf(north)]: 8 } }),
    refused('two bytes too many', 'entry.too_large', entryOfLength(ENTRY_BYTES_MAX + 2)),
  ];
}

export const invalidEntries = () => [...badForms(), ...badSignatures(), ...badJson(), ...badPayloads(), ...foreignEntries()];
