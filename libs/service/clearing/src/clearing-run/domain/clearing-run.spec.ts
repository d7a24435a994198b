import { describe, expect, it } from '@jest/globals';
import { checkTransitions, nextState } from '@kula/kernel-primitives';
import fc from 'fast-check';
import { ClearingRun } from './clearing-run.js';
import { CLEARING_RUN_INITIAL, CLEARING_RUN_TRANSITIONS, type ClearingRunEvent, type ClearingRunState } from './clearing-run.transitions.js';
import { computeResult } from './run-result.js';

const HOMES = { ana: 'north', ben: 'south', cal: 'east' };
const result = computeResult([{
  obligationId: 'o', statementHash: 'h', debtor: 'ana', creditor: 'ben', remaining: 7n, dueAt: null, signedAt: [{ issuer: 'north', seq: 1 }, { issuer: 'south', seq: 1 }],
}], 'HOUR');
const { setRoot, resultHash } = result;
const open = ClearingRun.open({
  runId: 'r', agreementId: 'a', unit: 'HOUR', openedBy: 'ana', openedAt: '2026-12-01T09:00:00Z', cutoff: { north: 1, south: 1 },
  parties: Object.entries(HOMES).map(([cooperative, homeNode]) => ({ cooperative, homeNode })),
});
const approvalOf = (party: string) => ({ party, madeAt: '2026-12-01T10:00:00Z', signature: `signature of ${party}` });
const hear = (run: ClearingRun, nodes: readonly string[], hash = resultHash) => nodes.reduce((heard, node) => heard.recordComputation({ node, setRoot, resultHash: hash }), run);
const approve = (run: ClearingRun, parties: readonly string[]) => parties.reduce((heard, party) => heard.approve(result, approvalOf(party)), run);
const computed = open.compute(result);
const agreed = hear(computed, ['north', 'south', 'east']);
const disputed = hear(hear(computed, ['north', 'south']), ['east'], 'another');

describe('the transitions of a run', () => {
  it('lead everywhere and end when it is settled or disputed', () => {
    expect(() => checkTransitions(CLEARING_RUN_TRANSITIONS, CLEARING_RUN_INITIAL)).not.toThrow();
    expect([CLEARING_RUN_TRANSITIONS.settled, CLEARING_RUN_TRANSITIONS.disputed]).toEqual([{}, {}]);
  });
  it.each<[ClearingRunState, ClearingRunEvent]>([
    ['open', 'approve'], ['open', 'agree'], ['open', 'dispute'], ['open', 'settle'], ['computed', 'compute'], ['computed', 'settle'], ['agreed', 'compute'], ['agreed', 'dispute'], ['agreed', 'agree'],
  ])('that is %s do not know %s', (state, event) => expect(nextState(CLEARING_RUN_TRANSITIONS, state, event)).toBeUndefined());
});

describe('a clearing run', () => {
  it('goes from open over computed and agreed to settled', () => {
    expect([open, computed, agreed, approve(agreed, ['ana', 'ben', 'cal'])].map(({ state }) => state)).toEqual(['open', 'computed', 'agreed', 'settled']);
  });
  it('says whose result and whose approval it lacks', () => {
    expect(hear(computed, ['south']).missingResults).toEqual(['north', 'east']);
    expect(approve(agreed, ['ben']).missingApprovals).toEqual(['ana', 'cal']);
  });
  it('is disputed when one node says otherwise, and only once all have spoken', () => {
    const early = hear(computed, ['east'], 'another');
    expect([early.state, hear(early, ['north', 'south']).state, disputed.state]).toEqual(['computed', 'disputed', 'disputed']);
  });
  it('is not settled by approvals alone', () => {
    expect(approve(computed, ['ana', 'ben', 'cal']).state).toBe('computed');
    expect(approve(agreed, ['ana', 'ben', 'ana']).state).toBe('agreed');
  });
  it('does not change by what it has heard already', () => {
    expect(hear(agreed, ['north'])).toBe(agreed);
    const settled = approve(agreed, ['ana', 'ben', 'cal']);
    expect([approve(settled, ['ana']), settled.compute(result), hear(settled, ['east'])]).toEqual([settled, settled, settled]);
  });
  it('keeps the first word of a node', () => expect(() => hear(hear(open, ['south']), ['south'], 'another')).toThrow(expect.objectContaining({ code: 'clearing.other_result' })));
  it.each<[string, () => unknown, string]>([
    ['an approval of another result', () => agreed.approve({ setRoot, resultHash: 'another' }, approvalOf('ana')), 'clearing.other_result'],
    ['an approval of another set', () => agreed.approve({ setRoot: 'another', resultHash }, approvalOf('ana')), 'clearing.other_result'],
    ['an approval before there is a result', () => approve(open, ['ana']), 'clearing.wrong_state'],
    ['an approval when it is disputed', () => approve(disputed, ['ana']), 'clearing.wrong_state'],
  ])('refuses %s', (_name, attempt, code) => expect(attempt).toThrow(expect.objectContaining({ code })));
  it('hears nobody but home nodes and parties', () => {
    expect(() => hear(open, ['west'])).toThrow('who computes hosts a party');
    expect(() => approve(agreed, ['dia'])).toThrow('who approves is a party');
  });
  it('comes to one end whatever the order in which results and approvals arrive', () => {
    const facts: ((run: ClearingRun) => ClearingRun)[] = [
      ...['north', 'south', 'east'].map((node) => (run: ClearingRun) => hear(run, [node])), ...['ana', 'ben', 'cal'].map((party) => (run: ClearingRun) => approve(run, [party])),
    ];
    fc.assert(fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (order) => {
      expect(order.reduce((run, fact) => fact(run), computed).state).toBe('settled');
    }));
  });
});
