import { describe, expect, it } from '@jest/globals';
import { hashDocument } from '@kula/kernel-crypto';
import { checkTerms, hashTerms, homeNodesOf, isLater, listingUsesAt, membersOf, type Edge, type Seat, type Terms } from './terms.js';

const HOMES: Readonly<Record<string, string>> = { ana: 'north', ben: 'south', cal: 'east' };
const leg = (from: string, to: string): Edge => ({
  leg_id: `${from}-${to}`, from_participant: from, to_participant: to, match_score: 900_000, offering_id: `${from}-gives`, need_id: `${to}-needs`,
  description: `${from} gives to ${to}`, amount: '4', unit: 'HOUR',
});
const seats = ({ from_participant: from, to_participant: to, offering_id, need_id }: Edge): Seat[] => [
  { participant_id: from, home_node: HOMES[from] ?? 'north', role: 'provider', offering_id },
  { participant_id: to, home_node: HOMES[to] ?? 'north', role: 'recipient', need_id },
];
const ringOf = (...edges: Edge[]): Terms => ({
  chain_id: 'ring', edges, participants: edges.flatMap(seats),
  proposed_timeline: { consent_deadline: '2026-12-01T09:00:00Z', execution_start: '2026-12-02T09:00:00Z', execution_end: '2026-12-09T09:00:00Z' },
});
const ring = ringOf(leg('ana', 'ben'), leg('ben', 'cal'), leg('cal', 'ana'));
const [first, second, third] = ring.edges as [Edge, Edge, Edge];
const [seat, ...otherSeats] = ring.participants as [Seat, ...Seat[]];

describe('the terms of a chain', () => {
  it('are a ring in whatever order their legs and seats are written', () => {
    expect(() => checkTerms(ring, 'north')).not.toThrow();
    expect(() => checkTerms({ ...ring, edges: [third, first, second], participants: [...ring.participants].reverse() }, 'east')).not.toThrow();
  });

  it('may be a ring of two', () => expect(() => checkTerms(ringOf(leg('ana', 'ben'), leg('ben', 'ana')), 'north')).not.toThrow());

  it.each<[string, Terms, string]>([
    ['a seat too many', { ...ring, participants: [...ring.participants, seat] }, 'gives once and takes once'],
    ['two legs of one id', { ...ring, edges: [first, { ...second, leg_id: first.leg_id }, third] }, 'an id of its own'],
    ['an offering used twice', { ...ring, edges: [first, { ...second, offering_id: first.offering_id }, third] }, 'used once'],
    ['two rings side by side', ringOf(leg('ana', 'ben'), leg('ben', 'ana'), leg('cal', 'dia'), leg('dia', 'cal')), 'one simple ring'],
    ['a member who gives twice', ringOf(leg('ana', 'ben'), { ...leg('ana', 'cal'), offering_id: 'more' }, leg('cal', 'ana')), 'one simple ring'],
    ['a path that does not close', ringOf(leg('ana', 'ben'), leg('ben', 'cal')), 'one simple ring'],
    ['a member who gives to itself', ringOf(leg('ana', 'ana'), leg('ben', 'ben')), 'one simple ring'],
    ['a seat with another offering', { ...ring, participants: [{ ...seat, offering_id: 'other' }, ...otherSeats] }, 'agree with the legs'],
    ['a provider with a need', { ...ring, participants: [{ ...seat, need_id: 'other' }, ...otherSeats] }, 'agree with the legs'],
    ['a seat of nobody in the legs', { ...ring, participants: [{ ...seat, participant_id: 'dia' }, ...otherSeats] }, 'agree with the legs'],
    ['a member with two homes', { ...ring, participants: [{ ...seat, home_node: 'west' }, ...otherSeats] }, 'one home node'],
    ['an end before the start', { ...ring, proposed_timeline: { ...ring.proposed_timeline, execution_end: '2026-12-02T08:59:59Z' } }, 'begins before it ends'],
  ])('are refused with %s', (_what, terms, expected) => {
    expect(() => checkTerms(terms, 'north')).toThrow(expect.objectContaining({ code: 'exchange.malformed_proposal', message: expect.stringContaining(expected) }));
  });

  it('are refused from a node that is nobody\'s home', () => expect(() => checkTerms(ring, 'west')).toThrow('home of a member'));

  it('are hashed as exactly their four parts, with fields of newer nodes inside them', () => {
    const { chain_id, participants, edges, proposed_timeline } = ring;
    expect(hashTerms({ ...ring, explanation: 'beside the terms' } as Terms)).toBe(hashDocument({ chain_id, participants, edges, proposed_timeline }));
    expect(hashTerms({ ...ring, edges: [{ ...first, later_field: 1 } as Edge, second, third] })).not.toBe(hashTerms(ring));
  });

  it('name members and home nodes in one order', () => {
    expect(membersOf(ring).map(({ participantId }) => participantId)).toEqual(['ana', 'ben', 'cal']);
    expect(homeNodesOf(ring)).toEqual(['east', 'north', 'south']);
  });

  it('use of a node\'s listings what its members give and take', () => {
    expect(listingUsesAt(ring, 'south')).toEqual([
      { listingId: 'ben-gives', kind: 'offering', participantId: 'ben', amount: 4n, unit: 'HOUR' },
      { listingId: 'ben-needs', kind: 'need', participantId: 'ben', amount: 4n, unit: 'HOUR' },
    ]);
  });
});

describe('moments', () => {
  it.each([
    ['2026-12-01T09:00:01Z', '2026-12-01T09:00:00Z', true],
    ['2026-12-01T09:00:00.001Z', '2026-12-01T09:00:00Z', true],
    ['2026-12-01T09:00:00.10Z', '2026-12-01T09:00:00.1Z', false],
    ['2026-12-01T09:00:00.09Z', '2026-12-01T09:00:00.1Z', false],
    ['2026-12-01T09:00Z', '2026-12-01T09:00:00.000Z', false],
    ['2026-12-01T09:00:00.000Z', '2026-12-01T09:00Z', false],
  ])('%s after %s: %s', (left, right, expected) => expect(isLater(left, right)).toBe(expected));
});
