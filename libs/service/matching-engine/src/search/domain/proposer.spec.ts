import { describe, expect, it } from '@jest/globals';
import { hashDocument } from '@kula/kernel-crypto';
import fc from 'fast-check';
import type { GraphListing, Pairing } from './leg/graph-listing.js';
import { proposerOf } from './proposer.js';

type Mode = GraphListing['visibility'];
interface Member { readonly name: string; readonly home: string; readonly gives?: Mode; readonly needs?: Mode }

const listing = ({ name, home }: Member, kind: GraphListing['kind'], visibility: Mode): GraphListing => ({
  listingId: `${name}-${kind}`, kind, participantId: name, homeNode: home, title: 'Something', capability: 'craft', unit: 'HOUR', free: 3n, availableFromMs: 100,
  availableUntilMs: 200, place: null, delivery: 'onsite', visibility, standing: 350_000,
});
const legsOf = (...members: Member[]): Pairing[] => members.map((giver, at) => {
  const taker = members[(at + 1) % members.length] ?? giver;
  return { offering: listing(giver, 'offering', giver.gives ?? 'network'), need: listing(taker, 'need', taker.needs ?? 'network') };
});
/** Every node that proposes a ring of these members under some id. */
const proposers = (...members: Member[]): string[] =>
  [...new Set(Array.from({ length: 60 }, (_, at) => proposerOf(`r-${at}`, legsOf(...members))))].sort();

const [ana, ben, cal] = [{ name: 'ana', home: 'north' }, { name: 'ben', home: 'south' }, { name: 'cal', home: 'east' }];
const kept = (member: Member, mode: Mode): Member => ({ ...member, gives: mode, needs: mode });

describe('the node that proposes a ring', () => {
  it('is drawn among the homes of all providers where the log tells everything, by their ids', () => {
    expect(proposers(ana, ben, cal)).toEqual(['east', 'north', 'south']);
    const lots = [['north', 'ana'], ['south', 'ben']].map(([home, name]) => ({ home, lot: hashDocument(['r', name ?? '']) }));
    expect(proposerOf('r', legsOf(ana, ben))).toBe(lots.sort((left, right) => (left.lot < right.lot ? -1 : 1))[0]?.home);
  });

  it.each<[string, Member[], string[]]>([
    ['the one that keeps details, so that they need not be told', [ana, kept(ben, 'summary'), cal], ['south']],
    ['drawn among those that keep details', [kept(ana, 'summary'), kept(ben, 'summary'), cal], ['north', 'south']],
    ['the home of a listing that is only shown to those who ask', [ana, kept(ben, 'query')], ['south']],
    ['drawn where each can ask the other', [kept(ana, 'query'), kept(ben, 'query')], ['north', 'south']],
    ['one that sees what two members of one node give each other', [kept(ana, 'query'), kept(ben, 'query'), kept({ ...cal, home: 'south' }, 'query')], ['south']],
    ['one that sees a leg between two nodes that show their listings only to those who ask', [kept(ana, 'summary'), kept(ben, 'query'), kept(cal, 'query')], ['east', 'south']],
    ['the only one that knows that a member goes by two names', [{ ...ana, gives: 'network', needs: 'summary' }, kept(ben, 'summary')], ['north']],
  ])('is %s', (_what, members, expected) => expect(proposers(...members)).toEqual(expected));

  it('is the same wherever the ring is entered, and a home of a member', () => {
    const mode = fc.constantFrom<Mode>('network', 'summary', 'query');
    const member = fc.record({ home: fc.constantFrom('north', 'south', 'east'), mode });
    fc.assert(fc.property(fc.array(member, { minLength: 2, maxLength: 6 }), fc.nat(), (drawn, turn) => {
      const members = drawn.map(({ home, mode: each }, at) => kept({ name: `member ${at}`, home }, each));
      const at = turn % members.length;
      const proposer = proposerOf('r', legsOf(...members));
      expect(proposerOf('r', legsOf(...members.slice(at), ...members.slice(0, at)))).toBe(proposer);
      expect(members.map(({ home }) => home)).toContain(proposer);
    }));
  });
});
