import { describe, expect, it } from '@jest/globals';
import { checkTransitions, isTerminal, nextState, type TransitionTable } from './transition-table.js';

type Lamp = 'off' | 'on' | 'broken';
type Push = 'press' | 'drop';

const LAMP: TransitionTable<Lamp, Push> = {
  off: { press: 'on', drop: 'broken' },
  on: { press: 'off' },
  broken: {},
};

describe('transition tables', () => {
  it('answer the next state', () => expect(nextState(LAMP, 'off', 'press')).toBe('on'));
  it('answer nothing for a missing cell', () => expect(nextState(LAMP, 'on', 'drop')).toBeUndefined());
  it('call an empty row terminal', () => expect(isTerminal(LAMP, 'broken')).toBe(true));
  it('refuse a state outside the table', () => expect(() => nextState(LAMP, 'lost' as Lamp, 'press')).toThrow('has a row'));
  it('report a state that cannot be reached', () => {
    const islands = { ...LAMP, off: { press: 'on' } } as TransitionTable<Lamp, Push>;
    expect(() => checkTransitions(islands, 'off')).toThrow('state broken can be reached');
    expect(() => checkTransitions(LAMP, 'off')).not.toThrow();
  });
});
