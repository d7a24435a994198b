import { describe, expect, it } from '@jest/globals';
import { checksOf, type AttestationFacts, type CheckName } from './attestation-checks.js';

const genuine: AttestationFacts = {
  issuer: 'south', isIssuerKnown: true, announcedBy: 'south', isIssuerInGoodStanding: true, isSignedByIssuer: true, expiresAt: '2027-01-01T00:00:00Z', isExpired: false,
};
const failing = (change: Partial<AttestationFacts>): CheckName[] => checksOf({ ...genuine, ...change }).filter(({ passed }) => !passed).map(({ check }) => check);

describe('checksOf', () => {
  it('passes a genuine attestation in four named checks, each with a sentence', () => {
    const checks = checksOf(genuine);
    expect(checks.map(({ check }) => check)).toEqual(['issuer_known', 'issuer_in_good_standing', 'signature', 'not_expired']);
    expect(checks.every(({ passed, sentence }) => passed && /^[A-Z].*\.$/.test(sentence))).toBe(true);
  });

  it.each<[string, Partial<AttestationFacts>, CheckName[]]>([
    ['a node that is not known', { isIssuerKnown: false }, ['issuer_known', 'issuer_in_good_standing']],
    ['a node where the participant does not live', { announcedBy: 'east' }, ['issuer_known']],
    ['a node that experience contradicts', { isIssuerInGoodStanding: false }, ['issuer_in_good_standing']],
    ['somebody else', { isSignedByIssuer: false }, ['signature']],
    ['long ago', { isExpired: true }, ['not_expired']],
    ['a known node about a participant nobody has announced', { announcedBy: undefined }, []],
  ])('judges one of %s', (_case, change, failed) => expect(failing(change)).toEqual(failed));

  it('says something else for every result', () => {
    const sentences = [{}, { isIssuerKnown: false }, { announcedBy: 'east' }, { announcedBy: undefined }, { isIssuerInGoodStanding: false }, { isSignedByIssuer: false }, { isExpired: true }]
      .map((change) => checksOf({ ...genuine, ...change }).map(({ sentence }) => sentence).join(' '));
    expect(new Set(sentences).size).toBe(sentences.length);
  });
});
