import { describe, expect, it } from '@jest/globals';
import { checkTransitions, isTerminal, nextState } from '@kula/kernel-primitives';
import fc from 'fast-check';
import { Agreement, type Action, type PartyAction } from './agreement.js';
import { AGREEMENT_INITIAL, AGREEMENT_TRANSITIONS, type AgreementEvent, type AgreementState } from './agreement.transitions.js';

const HASH = 'h';
const PARTIES = ['ana', 'ben', 'cal'];

const draft = new Agreement({
  terms: { agreement_id: 'one', version: 1, parties: PARTIES.map((name) => ({ cooperative_id: name, home_node: `node of ${name}` })) },
  termsHash: HASH, draftedBy: 'ana', isProposed: false, isExpired: false, signatures: [], actions: [], version: 1,
});
const signatureOf = (party: string) => ({ party, madeAt: '2026-12-01T00:00:00.000Z', signature: `signature of ${party}` });
const actionOf = (party: string, action: Action, sequence: number): PartyAction => ({ party, action, sequence, reason: 'because', madeAt: '2026-12-02T00:00:00.000Z', signature: `${party} ${action} ${sequence}` });
const signedByAll = PARTIES.reduce((agreement, party) => agreement.sign(HASH, signatureOf(party)), draft.propose());

describe('the table of an agreement', () => {
  it('reaches every state', () => expect(() => checkTransitions(AGREEMENT_TRANSITIONS, AGREEMENT_INITIAL)).not.toThrow());
  it('ends when terminated and nowhere else', () => {
    expect(Object.keys(AGREEMENT_TRANSITIONS).filter((state) => isTerminal(AGREEMENT_TRANSITIONS, state as AgreementState))).toEqual(['terminated']);
  });
  it.each<[AgreementState, AgreementEvent]>([
    ['draft', 'complete'], ['draft', 'terminate'], ['proposed', 'suspend'], ['proposed', 'resume'], ['active', 'resume'], ['active', 'complete'],
    ['suspended', 'suspend'], ['terminated', 'resume'],
  ])('refuses: %s, %s', (state, event) => expect(nextState(AGREEMENT_TRANSITIONS, state, event)).toBeUndefined());
});

describe('Agreement', () => {
  it('is active when the last party has signed, not before', () => {
    const two = draft.propose().sign(HASH, signatureOf('ana')).sign(HASH, signatureOf('ben'));
    expect([two.state, two.waitingFor]).toEqual(['proposed', ['cal']]);
    expect(two.sign(HASH, signatureOf('cal')).state).toBe('active');
  });
  it('does not count a signature twice', () => {
    expect(draft.propose().sign(HASH, signatureOf('ana')).sign(HASH, signatureOf('ana')).props.signatures).toHaveLength(1);
  });
  it.each([
    ['a stranger', () => draft.propose().sign(HASH, signatureOf('dia')), 'agreement.not_a_party'],
    ['other terms', () => draft.propose().sign('x', signatureOf('ana')), 'agreement.other_terms'],
    ['a second signature', () => draft.propose().sign(HASH, signatureOf('ana')).sign(HASH, { ...signatureOf('ana'), signature: 'other' }), 'agreement.already_signed'],
    ['signing a draft', () => draft.sign(HASH, signatureOf('ana')), 'agreement.wrong_state'],
    ['proposing twice', () => draft.propose().propose(), 'agreement.wrong_state'],
    ['a used sequence', () => signedByAll.act(HASH, actionOf('ana', 'suspend', 1)).act(HASH, actionOf('ben', 'resume', 1)), 'agreement.sequence_used'],
    ['resuming what is active', () => signedByAll.act(HASH, actionOf('ana', 'resume', 1)), 'agreement.wrong_state'],
  ])('refuses %s', (_name, attempt, code) => expect(attempt).toThrow(expect.objectContaining({ code })));
  it('suspends, resumes and terminates', () => {
    const suspended = signedByAll.act(HASH, actionOf('ana', 'suspend', 1));
    const resumed = suspended.act(HASH, actionOf('ben', 'resume', 2));
    expect([suspended.state, resumed.state, resumed.act(HASH, actionOf('cal', 'terminate', 3)).state]).toEqual(['suspended', 'active', 'terminated']);
  });
  it('ends when its period is over, once', () => {
    const ended = signedByAll.expire();
    expect([ended.state, ended.expire() === ended]).toEqual(['terminated', true]);
    expect(draft.expire()).toBe(draft);
  });
  it('comes to one state whatever the order in which signatures and actions arrive', () => {
    const facts = [
      ...PARTIES.map((party) => (agreement: Agreement) => agreement.recordSignature(HASH, signatureOf(party))),
      ...[actionOf('ana', 'suspend', 1), actionOf('ben', 'terminate', 2), actionOf('cal', 'resume', 2)].map((action) => (agreement: Agreement) => agreement.recordAction(HASH, action)),
    ];
    const arrive = (order: number[]) => order.map((index) => facts[index]).reduce((agreement, fact) => fact?.(agreement) ?? agreement, draft.propose());
    fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), (order) => {
      expect(arrive(order).state).toBe('terminated');
      expect(arrive(order).nextSequence).toBe(3);
    }));
  });
});
