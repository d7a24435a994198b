import { describe, expect, it } from '@jest/globals';
import { checkTransitions, nextState } from '@kula/kernel-primitives';
import { Obligation, type Signing } from './obligation.js';
import { OBLIGATION_INITIAL, OBLIGATION_TRANSITIONS, type ObligationEvent, type ObligationState } from './obligation.transitions.js';

const statement = {
  obligation_id: 'o', agreement_id: 'a', debtor: 'ana', creditor: 'ben', amount: '100', unit: 'HOUR', reference: 'Flour', due_at: null, made_at: '2026-12-01T09:00:00Z',
};
const by = (signer: string, seq: number | null): Signing => ({ signer, signature: `signature of ${signer}`, seq });
const recorded = Obligation.record(statement, 'hash', by('ana', 3));
const open = recorded.sign(by('ben', 8));

describe('the transitions of an obligation', () => {
  it('lead everywhere and end when it is discharged', () => {
    expect(() => checkTransitions(OBLIGATION_TRANSITIONS, OBLIGATION_INITIAL)).not.toThrow();
    expect(OBLIGATION_TRANSITIONS.discharged).toEqual({});
  });
  it.each<[ObligationState, ObligationEvent]>([
    ['recorded', 'freeze'], ['recorded', 'reduce'], ['open', 'confirm'], ['open', 'reduce'], ['open', 'release'], ['open', 'discharge'], ['frozen', 'freeze'], ['frozen', 'confirm'],
  ])('that is %s do not know %s', (state, event) => expect(nextState(OBLIGATION_TRANSITIONS, state, event)).toBeUndefined());
});

describe('an obligation', () => {
  it('is recorded with one signature in the log and open with both, whoever comes first', () => {
    const otherWay = Obligation.record(statement, 'hash', by('ben', 8)).sign(by('ana', 3));
    expect([recorded.state, open.state, otherWay.state]).toEqual(['recorded', 'open', 'open']);
    expect([open.confirmedBy, otherWay.confirmedBy, recorded.confirmedBy]).toEqual(['ben', 'ana', null]);
  });
  it('is not open through a signature that only this node knows', () => {
    const local = recorded.sign(by('ben', null));
    expect([local.state, local.confirmedBy]).toEqual(['recorded', 'ben']);
    expect(local.sign(by('ben', 8)).state).toBe('open');
  });
  it('does not change by the same signature again', () => {
    expect(open.sign(by('ben', 8))).toBe(open);
    expect(open.sign(by('ben', 9))).toBe(open);
    expect(open.sign(by('ben', null))).toBe(open);
  });
  it('places a side by its earliest entry, in whatever order they come', () => {
    expect(open.sign(by('ben', 5)).signatureOf('ben')).toEqual({ signature: 'signature of ben', seq: 5 });
  });
  it('is reduced, discharged or released by its run', () => {
    const frozen = open.freeze('r');
    expect([frozen.state, frozen.props.frozenIn]).toEqual(['frozen', 'r']);
    const ended = [frozen.settle(40n), frozen.settle(0n), frozen.settle(100n), frozen.release()];
    expect(ended.map(({ state, props }) => [state, props.remaining, props.frozenIn])).toEqual([['open', 40n, null], ['discharged', 0n, null], ['open', 100n, null], ['open', 100n, null]]);
  });
  it('never grows, and is never frozen twice', () => {
    expect(() => open.freeze('r').settle(101n)).toThrow('a run only reduces');
    expect(() => open.freeze('r').freeze('s')).toThrow('can freeze');
    expect(() => recorded.freeze('r')).toThrow('can freeze');
  });
  it('is between two parties', () => {
    expect(() => Obligation.record({ ...statement, creditor: 'ana' }, 'hash', by('ana', 1))).toThrow('debtor and creditor differ');
    expect(() => open.sign(by('dia', 1))).toThrow('debtor or creditor');
  });
});
