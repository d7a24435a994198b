import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalJson, didOfKey, fromBase64url, hashDocument, isDid, keyOfDid, keyOfNodeId, nodeIdOfKey, portableEd25519,
  signDocument, toBase64url, verifyDocument, type Json,
} from './index.js';

const ana = new Uint8Array(32).fill(1);
const ben = new Uint8Array(32).fill(2);
const didOf = (privateKey: Uint8Array) => didOfKey(portableEd25519.publicKey(privateKey));

describe('canonicalJson', () => {
  it('sorts names by code unit and drops undefined members', () => {
    expect(canonicalJson({ b: 1, a: [true, null, 'é'], c: undefined, A: 0.5 })).toBe('{"A":0.5,"a":[true,null,"é"],"b":1}');
  });
  it('is the same for any order of members', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (record) => {
      const turned = Object.fromEntries(Object.entries(record).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(record));
    }));
  });
  it('refuses what JSON cannot carry', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow('finite');
    expect(() => canonicalJson('\ud800')).toThrow('well-formed');
  });
});

describe('base64url', () => {
  it('gives every byte string back', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
    }));
  });
  it.each(['A', 'AB', 'A=', 'AA=='])('refuses %s', (text) => expect(fromBase64url(text)).toBeUndefined());
});

describe('did:key', () => {
  it('matches the published vector of RFC 8032 test 1', () => {
    const key = Uint8Array.from(Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'));
    expect(didOfKey(key)).toMatch(/^did:key:z6Mk[1-9A-Za-z]{44}$/);
    expect(keyOfDid(didOfKey(key))).toEqual(key);
    expect(keyOfNodeId(nodeIdOfKey(key))).toEqual(key);
  });
  it('is one text for one key', () => {
    const letters = [...'123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'];
    const foreign = fc.string({ unit: fc.constantFrom(...letters, '0', 'é'), minLength: 40, maxLength: 52 }).map((text) => `did:key:z6Mk${text}`);
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }).map(didOfKey), foreign, foreign.map((did) => did.replace('z6', 'z16'))), (did) => {
      const key = keyOfDid(did);
      expect(key && didOfKey(key)).toBe(key && did);
    }));
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat({ max: 47 }), fc.constantFrom(...letters, '0'), (key, place, letter) => {
      const did = didOfKey(key);
      const at = 'did:key:z'.length + place;
      const other = keyOfDid(did.slice(0, at) + letter + did.slice(at + 1));
      expect(did[at] === letter || other === undefined || didOfKey(other) !== did).toBe(true);
      expect(keyOfDid(did.replace('z6', 'z16'))).toBeUndefined();
    }));
  });
  it.each(['', 'did:key:z', 'did:web:x', 'did:key:z6Mk0', `${didOf(ana)}1`])('refuses %s', (text) => expect(isDid(text)).toBe(false));
  it.each([
    ['the identity', `01${'00'.repeat(31)}`], ['the identity with a sign', `01${'00'.repeat(30)}80`], ['order 2', `ec${'ff'.repeat(30)}7f`], ['order 4', '00'.repeat(32)],
    ['order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'], ['a form that is not canonical', `ee${'ff'.repeat(30)}7f`],
  ])('refuses a key of small order: %s', (_name, hex) => {
    const did = didOfKey(Uint8Array.from(Buffer.from(hex, 'hex')));
    expect(keyOfDid(did)).toBeUndefined();
  });
});

describe('verifyDocument', () => {
  const document: Json = { amount: '100', unit: 'HOUR' };
  const genuine = {
    signer: didOf(ana), domain: 'sep/consent/v1' as const, document,
    signature: signDocument(portableEd25519, ana, 'sep/consent/v1', document),
  };

  it('accepts the genuine signature', () => expect(verifyDocument(portableEd25519, genuine)).toBe(true));
  it.each([
    ['another signer', { signer: didOf(ben) }],
    ['another purpose', { domain: 'sep/agreement/v1' as const }],
    ['altered terms', { document: { amount: '101', unit: 'HOUR' } }],
    ['a truncated signature', { signature: genuine.signature.slice(0, -2) }],
    ['a signature of zeros', { signature: toBase64url(new Uint8Array(64)) }],
    ['something that is no did', { signer: 'ana' }],
  ])('refuses %s', (_name, change) => expect(verifyDocument(portableEd25519, { ...genuine, ...change })).toBe(false));
  it('names documents by the hash of their canonical form', () => {
    expect(hashDocument({ b: 1, a: 2 })).toBe(hashDocument({ a: 2, b: 1 }));
  });
});
