import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freeOf, withChange, type CapacityAccount, type CapacityChange } from './capacity-account.js';

const bread: CapacityAccount = {
  listingId: 'bread', participantId: 'ana', kind: 'offering', unit: 'KGM', capacity: 10n, reserved: 0n, committed: 0n, isOpen: true, version: 0,
};

describe('a capacity account', () => {
  it('puts an amount aside, then promises it for good', () => {
    const reserved = withChange(bread, 'reserve', 4n);
    expect(reserved).toEqual({ ...bread, reserved: 4n, version: 1 });
    expect(withChange(reserved, 'commit', 4n)).toEqual({ ...bread, committed: 4n, version: 2 });
  });

  it('gives back what was put aside', () => {
    expect(withChange(withChange(bread, 'reserve', 10n), 'release', 10n)).toEqual({ ...bread, version: 2 });
  });

  it.each([
    ['reserve', 11n, 'no more of a listing is promised than there is'],
    ['release', 1n, 'was reserved'],
    ['commit', 1n, 'was reserved'],
    ['reserve', 0n, 'is positive'],
  ] as const)('refuses to %s %s of ten as a bug', (change, amount, reason) => {
    expect(() => withChange(bread, change, amount)).toThrow(reason);
  });

  it('never promises more than there is, whatever is tried', () => {
    const changes = fc.array(fc.tuple(fc.constantFrom<CapacityChange>('reserve', 'commit', 'release'), fc.bigInt(1n, 6n)));
    fc.assert(fc.property(changes, (tried) => {
      let account = bread;
      for (const [change, amount] of tried) {
        try {
          account = withChange(account, change, amount);
        } catch {
          // A refused change leaves the account as it was.
        }
        expect(freeOf(account)).toBeGreaterThanOrEqual(0n);
        expect(account.reserved + account.committed + freeOf(account)).toBe(10n);
      }
    }));
  });
});
