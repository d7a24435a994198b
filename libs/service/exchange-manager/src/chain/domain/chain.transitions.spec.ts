import { describe, expect, it } from '@jest/globals';
import { checkTransitions, isTerminal } from '@kula/kernel-primitives';
import {
  afterEvent, CHAIN_INITIAL, CHAIN_TRANSITIONS, LEG_INITIAL, LEG_TRANSITIONS, legAfterEvent, type ChainEvent, type ChainState, type LegEvent, type LegState,
} from './chain.transitions.js';
import type { Chain, Leg } from './chain.types.js';

const CHAIN_EVENTS: readonly ChainEvent[] = ['validate', 'consent', 'hold', 'commit', 'abort', 'complete', 'fail'];
const LEG_EVENTS: readonly LegEvent[] = ['start', 'deliver', 'fulfil', 'dispute'];
const refusedPairs = <State extends string, Event extends string>(table: Readonly<Record<State, object>>, events: readonly Event[]) =>
  (Object.keys(table) as State[]).flatMap((state) => events.filter((event) => !(event in table[state])).map((event) => [state, event] as const));

describe('the life of a chain', () => {
  it('reaches every state from the first', () => expect(() => checkTransitions(CHAIN_TRANSITIONS, CHAIN_INITIAL)).not.toThrow());

  it('ends completed, aborted or failed', () => {
    const states = Object.keys(CHAIN_TRANSITIONS) as ChainState[];
    expect(states.filter((state) => isTerminal(CHAIN_TRANSITIONS, state))).toEqual(['completed', 'aborted', 'failed']);
  });

  it('aborts from every state before executing and from none after', () => {
    const states = Object.keys(CHAIN_TRANSITIONS) as ChainState[];
    expect(states.filter((state) => CHAIN_TRANSITIONS[state].abort !== undefined)).toEqual(['proposed', 'confirming', 'consented', 'held']);
  });

  it('executes only what is held', () => {
    const states = Object.keys(CHAIN_TRANSITIONS) as ChainState[];
    expect(states.filter((state) => Object.values<string>(CHAIN_TRANSITIONS[state]).includes('executing'))).toEqual(['held']);
  });

  it.each(refusedPairs<ChainState, ChainEvent>(CHAIN_TRANSITIONS, CHAIN_EVENTS))('refuses, when %s, to %s', (state, event) => {
    expect(() => afterEvent({ chainId: 'ring', state } as Chain, event)).toThrow(expect.objectContaining({ code: 'exchange.wrong_state' }));
  });
});

describe('the life of a leg', () => {
  it('reaches every state from the first', () => expect(() => checkTransitions(LEG_TRANSITIONS, LEG_INITIAL)).not.toThrow());

  it.each(refusedPairs<LegState, LegEvent>(LEG_TRANSITIONS, LEG_EVENTS))('refuses, when %s, to %s', (state, event) => {
    expect(() => legAfterEvent({ legId: 'leg-1', state } as Leg, event)).toThrow(expect.objectContaining({ code: 'exchange.wrong_state' }));
  });
});
