import { describe, expect, it } from '@jest/globals';
import { disputesAmong, type Holder, type Looked } from './disputes.js';

const claim = (by: Holder, holder: Holder | undefined): Looked => ({ what: 'cooperative', name: 'did:mill', by, holder });
const at = (nodeId: string, id = 'did:mill'): Holder => ({ id, nodeId });

describe('disputesAmong', () => {
  it.each<[string, Looked, boolean]>([
    ['nothing that nobody holds', claim(at('north'), undefined), false],
    ['no second word of the holder', claim(at('north'), at('north')), false],
    ['the same id at another node', claim(at('south'), at('north')), true],
    ['another id at the same node', claim(at('north', 'did:ben'), at('north', 'did:ana')), true],
  ])('finds %s: %s', (_what, looked, isDispute) => {
    expect(disputesAmong([looked])).toEqual(isDispute ? [looked] : []);
  });

  it('keeps the order, and several of one entry', () => {
    const [first, second, third] = [claim(at('south'), at('north')), claim(at('north'), undefined), claim(at('west'), at('north'))];
    expect(disputesAmong([first, second, third])).toEqual([first, third]);
  });
});
