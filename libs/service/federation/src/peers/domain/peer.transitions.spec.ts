import { describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { checkTransitions, nextState } from '@kula/kernel-primitives';
import { PEER_INITIAL, PEER_TRANSITIONS, type PeerEvent, type PeerState, type Standing } from './peer.transitions.js';

const states = Object.keys(PEER_TRANSITIONS) as Standing[];
const leadsTo = (state: Standing, event: PeerEvent) => nextState(PEER_TRANSITIONS, state, event);

describe('the states of a peer', () => {
  it('are those of the contract and the stranger, and each can be reached', () => {
    checkTransitions(PEER_TRANSITIONS, PEER_INITIAL);
    expect(states.filter((state) => state !== 'stranger').sort()).toEqual([...federation.peerState.options].sort());
  });

  it('let nobody become linked without a word of our operator', () => {
    const theirs = ['theyAsk', 'theyKnock', 'theyAgree', 'theyDecline', 'crowdedOut'] as const;
    for (const from of ['stranger', 'asking', 'declined', 'suspended', 'blocked'] as const) {
      for (const event of theirs) expect([from, event, leadsTo(from, event) === 'linked']).toEqual([from, event, false]);
    }
  });

  it('let nothing that a blocked or suspended peer says change how it stands', () => {
    expect((['theyAsk', 'theyKnock', 'theyAgree', 'theyDecline'] as const).map((event) => leadsTo('blocked', event))).toEqual([undefined, undefined, undefined, undefined]);
    expect((['theyAsk', 'theyAgree', 'theyDecline'] as const).map((event) => leadsTo('suspended', event))).toEqual(['suspended', 'suspended', 'suspended']);
  });

  it('can be blocked from every state, and unblocked to every state', () => {
    for (const state of states) if (state !== 'blocked') expect([state, leadsTo(state, 'block')]).toEqual([state, 'blocked']);
    for (const state of states) if (state !== 'blocked' && state !== 'stranger') expect(leadsTo('blocked', `restore ${state as PeerState}`)).toBe(state);
  });

  it('are taken back by the event that names what was before', () => {
    for (const state of states) {
      for (const target of states) if (target !== 'stranger') expect([state, target, leadsTo(state, `restore ${target}`) ?? target]).toEqual([state, target, target]);
    }
  });

  it.each<[Standing, PeerEvent]>([
    ['stranger', 'approve'], ['stranger', 'forget'], ['stranger', 'theyDecline'], ['asked', 'approve'], ['asked', 'pause'], ['asked', 'forget'], ['asking', 'resume'], ['asking', 'forget'],
    ['linked', 'approve'], ['linked', 'decline'], ['linked', 'resume'], ['linked', 'forget'], ['linked', 'restore asked'], ['linked', 'restore blocked'],
    ['paused', 'pause'], ['paused', 'approve'], ['draining', 'drain'], ['suspended', 'suspend'], ['suspended', 'pause'], ['suspended', 'approve'],
    ['blocked', 'block'], ['blocked', 'ask'], ['blocked', 'resume'], ['blocked', 'approve'], ['blocked', 'forget'], ['declined', 'decline'], ['declined', 'resume'],
  ])('have no way out of %s by %s', (state, event) => {
    expect(leadsTo(state, event)).toBeUndefined();
  });
});
