import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backlogOf, isBroken, LATE_SECONDS, linkWords, oldestOf, stateOf, type Health, type LinkHealth } from './node-health.js';

const fine: LinkHealth = {
  name: 'South', peerState: 'linked', linkState: 'following', attempts: 0, isFrozen: false, behind: { entries: 0, seconds: 0 }, undelivered: { entries: 0, seconds: 0 },
};
const healthy: Health = { fault: null, stalled: null, sealingHeld: null, unsealed: 0, unsealedSeconds: 0, links: [fine] };
const withLink = (changes: Partial<LinkHealth>): Health => ({ ...healthy, links: [{ ...fine, ...changes }] });
const LATE = LATE_SECONDS + 1;

describe('the state of a node', () => {
  it.each<[string, Health, string]>([
    ['nothing is wrong', healthy, 'working'], ['it has no peers', { ...healthy, links: [] }, 'working'],
    ['entries are on their way', withLink({ undelivered: { entries: 3, seconds: LATE_SECONDS } }), 'working'],
    ['a connection is being renewed', withLink({ linkState: 'waiting', attempts: 1 }), 'working'],
    ['a peer is paused', withLink({ peerState: 'paused', linkState: 'stopped', undelivered: { entries: 9, seconds: 9_999 } }), 'working'],
    ['a peer that it never dials has said nothing', withLink({ linkState: null, behind: { entries: null, seconds: null }, undelivered: { entries: null, seconds: null } }), 'working'],
    ['a link is broken', withLink({ linkState: 'waiting', attempts: 2 }), 'behind'], ['a broken link is tried', withLink({ linkState: 'connecting', attempts: 5 }), 'behind'],
    ['a peer is frozen', withLink({ isFrozen: true, linkState: 'stopped' }), 'behind'], ['a peer lacks something for long', withLink({ undelivered: { entries: 1, seconds: LATE } }), 'behind'],
    ['it lacks something of a peer for long', withLink({ behind: { entries: 1, seconds: LATE } }), 'behind'], ['drafts wait for long', { ...healthy, unsealed: 1, unsealedSeconds: LATE }, 'behind'],
    ['nothing is signed', { ...withLink({ isFrozen: true }), sealingHeld: 'peers have not said' }, 'waiting'],
    ['the log is at fault', { ...withLink({ isFrozen: true }), sealingHeld: 'the same', fault: 'the same' }, 'stopped'],
  ])('where %s', (_, health, state) => { expect(stateOf(health).state).toBe(state); });

  const lag = fc.oneof(fc.constant({ entries: null, seconds: null }), fc.record({ entries: fc.nat(1_000), seconds: fc.nat(100_000) }));
  const link: fc.Arbitrary<LinkHealth> = fc.record({
    name: fc.constantFrom('South', 'West', 'East'), peerState: fc.constantFrom('linked', 'paused', 'draining'),
    linkState: fc.constantFrom(null, 'connecting', 'opening', 'following', 'waiting', 'stopped'), attempts: fc.nat(9), isFrozen: fc.boolean(), behind: lag, undelivered: lag,
  });
  const anyHealth: fc.Arbitrary<Health> = fc.record({
    fault: fc.constantFrom(null, 'a fault'), stalled: fc.constantFrom(null, 'no room'), sealingHeld: fc.constantFrom(null, 'a reason'), unsealed: fc.nat(100), unsealedSeconds: fc.nat(1_000), links: fc.array(link, { maxLength: 6 }),
  });

  it('is always said in one sentence, and a backlog that is late is never called working', () => {
    fc.assert(fc.property(anyHealth, (health) => {
      const { state, sentence } = stateOf(health);
      expect(sentence).toMatch(/^[A-Z0-9a-z].*[.]$/);
      if (backlogOf(health).oldestSeconds > LATE_SECONDS || health.links.some(isBroken)) expect(state).not.toBe('working');
      for (const each of health.links) expect(linkWords(each).length).toBeGreaterThan(3);
    }));
  });

  it('has a backlog that no peer exceeds and that is as old as its oldest part', () => {
    fc.assert(fc.property(anyHealth, (health) => {
      const { entries, oldestSeconds } = backlogOf(health);
      for (const { peerState, undelivered } of health.links) {
        if (peerState === 'paused') continue;
        expect(entries).toBeGreaterThanOrEqual(health.unsealed + (undelivered.entries ?? 0));
        expect(oldestSeconds).toBeGreaterThanOrEqual(undelivered.seconds ?? 0);
      }
    }));
  });

  it('knows the age of what lacks longest on either side', () => {
    expect([oldestOf(fine), oldestOf({ behind: { entries: 1, seconds: 9 }, undelivered: { entries: null, seconds: null } }), oldestOf({ behind: { entries: null, seconds: null }, undelivered: { entries: 2, seconds: null } })]).toEqual([0, 9, null]);
  });
});
