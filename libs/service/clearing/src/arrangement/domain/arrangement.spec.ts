import { describe, expect, it } from '@jest/globals';
import { Arrangement, type ArrangementState } from './arrangement.js';

const parties = [{ cooperative: 'ana', homeNode: 'north' }, { cooperative: 'ben', homeNode: 'south' }, { cooperative: 'cal', homeNode: 'north' }];
const arrangementIn = (state: ArrangementState) => new Arrangement({ agreementId: 'a', state, unit: 'HOUR', scale: 0, parties, version: 1 });
const active = arrangementIn('active');

describe('an arrangement', () => {
  it('names its first party as clerk and every home node once', () => {
    expect(active.clerk).toEqual(parties[0]);
    expect(active.homeNodes).toEqual(['north', 'south']);
  });
  it.each<[ArrangementState, boolean]>([['draft', false], ['proposed', false], ['active', true], ['suspended', true], ['terminated', true]])(
    'that is %s takes entries of other nodes: %s', (state, isBinding) => expect(arrangementIn(state).isBinding).toBe(isBinding),
  );
  it('is seen by its parties and by operators', () => {
    const seenBy = (did: string, role: string) => active.isSeenBy({ did, role });
    expect([seenBy('ben', 'cooperative'), seenBy('dia', 'cooperative'), seenBy('dia', 'operator'), active.isSeenBy(null)]).toEqual([true, false, true, false]);
  });
  it.each<[string, () => void, string]>([
    ['what needs it active while it is suspended', () => arrangementIn('suspended').demandActive(), 'clearing.agreement_not_active'],
    ['a stranger', () => active.demandParty('dia'), 'clearing.not_a_party'],
    ['a party at another node', () => active.demandParty('ben', 'north'), 'clearing.not_a_party'],
    ['a clerk who is the second party', () => active.demandClerk('ben', 'south'), 'clearing.not_the_clerk'],
    ['its clerk at another node', () => active.demandClerk('ana', 'south'), 'clearing.not_the_clerk'],
    ['another unit', () => active.demandUnit('KGM'), 'clearing.other_unit'],
  ])('refuses %s', (_name, attempt, code) => expect(attempt).toThrow(expect.objectContaining({ code })));
  it('accepts what it asks for', () => {
    expect(() => { active.demandActive(); active.demandParty('ben', 'south'); active.demandClerk('ana', 'north'); active.demandUnit('HOUR'); }).not.toThrow();
  });
  it('has no party twice', () => {
    expect(() => new Arrangement({ ...active.props, parties: [...parties, { cooperative: 'ana', homeNode: 'east' }] })).toThrow('a party is named once');
  });
});
