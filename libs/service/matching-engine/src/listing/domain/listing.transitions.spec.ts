import { describe, expect, it } from '@jest/globals';
import { checkTransitions, isTerminal, nextState } from '@kula/kernel-primitives';
import { LISTING_INITIAL, LISTING_TRANSITIONS } from './listing.transitions.js';

describe('LISTING_TRANSITIONS', () => {
  it('reaches every state from the first one', () => {
    expect(() => checkTransitions(LISTING_TRANSITIONS, LISTING_INITIAL)).not.toThrow();
  });

  it('ends where the listing is withdrawn', () => {
    expect(isTerminal(LISTING_TRANSITIONS, 'withdrawn')).toBe(true);
  });

  it.each([
    ['open', 'withdraw', 'withdrawn'],
    ['open', 'expire', 'withdrawn'],
    ['withdrawn', 'withdraw', undefined],
    ['withdrawn', 'expire', undefined],
  ] as const)('leads from %s by %s to %s', (state, event, target) => {
    expect(nextState(LISTING_TRANSITIONS, state, event)).toBe(target);
  });
});
