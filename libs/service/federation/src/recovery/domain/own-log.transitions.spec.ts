import { describe, expect, it } from '@jest/globals';
import { checkTransitions, nextState } from '@kula/kernel-primitives';
import { OWN_LOG_INITIAL, OWN_LOG_TRANSITIONS, type OwnLogEvent, type OwnLogState } from './own-log.transitions.js';

const STATES = Object.keys(OWN_LOG_TRANSITIONS) as OwnLogState[];
const EVENTS: readonly OwnLogEvent[] = ['doubt', 'agree', 'allow', 'fall_behind', 'catch_up', 'contradict', 'release'];

describe('the standing of the own log', () => {
  it('has a row for every state, and every state can be reached', () => {
    expect(() => checkTransitions(OWN_LOG_TRANSITIONS, OWN_LOG_INITIAL)).not.toThrow();
  });

  it('comes to signing only from waiting, by agreement or by an operator', () => {
    const ways = STATES.flatMap((state) => EVENTS.filter((event) => state !== 'confirmed' && nextState(OWN_LOG_TRANSITIONS, state, event) === 'confirmed').map((event) => [state, event]));
    expect(ways).toEqual([['waiting', 'agree'], ['waiting', 'allow']]);
  });

  it('leaves a contradiction only by release', () => {
    expect(EVENTS.filter((event) => nextState(OWN_LOG_TRANSITIONS, 'contradicted', event) === 'waiting')).toEqual(['release']);
  });

  it.each<[OwnLogState, OwnLogEvent]>([
    ['waiting', 'catch_up'], ['waiting', 'release'], ['recovering', 'agree'], ['recovering', 'allow'], ['recovering', 'fall_behind'], ['recovering', 'release'],
    ['contradicted', 'agree'], ['contradicted', 'allow'], ['contradicted', 'fall_behind'], ['contradicted', 'catch_up'], ['contradicted', 'contradict'],
    ['confirmed', 'agree'], ['confirmed', 'allow'], ['confirmed', 'fall_behind'], ['confirmed', 'catch_up'], ['confirmed', 'release'],
  ])('refuses, being %s, to %s', (state, event) => {
    expect(nextState(OWN_LOG_TRANSITIONS, state, event)).toBeUndefined();
  });
});
