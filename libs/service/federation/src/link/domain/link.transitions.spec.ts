import { describe, expect, it } from '@jest/globals';
import { federation } from '@kula/contracts';
import { checkTransitions, nextState } from '@kula/kernel-primitives';
import { LINK_INITIAL, LINK_TRANSITIONS, type LinkEvent, type LinkState } from './link.transitions.js';

describe('the states of a link', () => {
  it('are those of the contract, and each can be reached', () => {
    checkTransitions(LINK_TRANSITIONS, LINK_INITIAL);
    expect(Object.keys(LINK_TRANSITIONS).sort()).toEqual([...federation.linkState.options].sort());
  });

  it.each<[LinkState, LinkEvent]>([
    ['stopped', 'connected'], ['stopped', 'opened'], ['stopped', 'failed'], ['stopped', 'stop'],
    ['connecting', 'dial'], ['connecting', 'opened'], ['opening', 'dial'], ['opening', 'connected'],
    ['following', 'dial'], ['following', 'connected'], ['following', 'opened'],
    ['waiting', 'connected'], ['waiting', 'opened'], ['waiting', 'failed'],
  ])('have no way out of %s by %s', (state, event) => {
    expect(nextState(LINK_TRANSITIONS, state, event)).toBeUndefined();
  });
});
