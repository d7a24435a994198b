import { describe, expect, it } from '@jest/globals';
import { trustAttestation } from '@kula/contracts';
import { keyOfNodeId, portableEd25519, signDocument, type Json } from '@kula/kernel-crypto';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import fc from 'fast-check';
import { attestedSatisfaction, isExpiredAt, isSignedWith, type AttestationDocument } from './attestation-document.js';

const unsigned = {
  attestation_id: 'one', issuing_node: nodeIdOf('south'), participant_id: walletOf('cal').did, timestamp: '2026-11-01T00:00:00Z', expires_at: '2027-05-01T00:00:00Z',
  claims: {
    exchanges_completed: 3, satisfaction_rate: 0.916666, partner_count: 2, member_since: '2026-01-01T00:00:00Z', vouches_received: 0, trust_tier: 'newcomer', languages: ['en', 'es'],
  },
  note: 'a newer node says more', nested: { deeply: [1, 2, { x: null }] },
};
const signedBy = (node: string, document: object = unsigned): AttestationDocument => trustAttestation.parse({
  ...document, node_signature: signDocument(portableEd25519, keyOfName(`node ${node}`), 'sep/trust-attestation/v1', document as Json),
});

/** As the key that the issuer's id is made of. */
const isSignedByIssuer = (document: AttestationDocument): boolean => isSignedWith(keyOfNodeId(nodeIdOf('south')), document);

describe('isSignedWith', () => {
  it('covers members that this node does not know', () => {
    const genuine = signedBy('south');
    expect(isSignedByIssuer(genuine)).toBe(true);
    expect(isSignedByIssuer({ ...genuine, note: 'another' })).toBe(false);
    expect(isSignedByIssuer({ ...genuine, claims: { ...genuine.claims, languages: ['en'] } })).toBe(false);
    expect(isSignedByIssuer({ ...genuine, more: true })).toBe(false);
  });

  it('goes by the key it is given, not by the one in the id of the issuer', () => {
    const byTheSecondKey = signedBy('south since May');
    expect(isSignedByIssuer(byTheSecondKey)).toBe(false);
    expect(isSignedWith(portableEd25519.publicKey(keyOfName('node south since May')), byTheSecondKey)).toBe(true);
    expect(isSignedWith(undefined, byTheSecondKey)).toBe(false);
    expect(isSignedWith(new Uint8Array(31), byTheSecondKey)).toBe(false);
  });

  it('does not depend on the order of members', () => {
    const reversed = Object.fromEntries(Object.entries(signedBy('south')).reverse());
    expect(isSignedByIssuer(trustAttestation.parse(reversed))).toBe(true);
  });

  it.each<[string, AttestationDocument]>([
    ['another node', signedBy('east')],
    ['the issuer, for another purpose', trustAttestation.parse({ ...unsigned, node_signature: signDocument(portableEd25519, keyOfName('node south'), 'sep/chain-proposal/v1', unsigned) })],
    ['nobody', trustAttestation.parse({ ...unsigned, node_signature: 'A'.repeat(86) })],
  ])('refuses the signature of %s', (_who, document) => expect(isSignedByIssuer(document)).toBe(false));

  it.each<[string, unknown]>([
    ['half a character', '\ud800'], ['a zero character', '\0'], ['a number that is none', Number.NaN],
    ['endless nesting', JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
  ])('refuses %s without failing', (_what, note) => expect(isSignedByIssuer({ ...signedBy('south'), note })).toBe(false));
});

describe('an attestation', () => {
  it('gives back every rate in millionths as it was', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000 }), (rate) => {
      expect(attestedSatisfaction(signedWithRate(rate / 1_000_000))).toBe(rate);
    }));
  });

  it('expires at its last moment, not after it', () => {
    const document = signedBy('south');
    expect(isExpiredAt(document, new Date('2027-04-30T23:59:59.999Z'))).toBe(false);
    expect(isExpiredAt(document, new Date('2027-05-01T00:00:00Z'))).toBe(true);
  });

  function signedWithRate(rate: number): AttestationDocument {
    return trustAttestation.parse({ ...unsigned, claims: { ...unsigned.claims, satisfaction_rate: rate }, node_signature: 'A'.repeat(86) });
  }
});
