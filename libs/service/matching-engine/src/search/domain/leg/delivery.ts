import { MICRO, type Pairing } from './graph-listing.js';

/** How an offering can reach a need. */
export type Meeting = 'same_place' | 'anywhere' | 'place_open' | 'from_afar';

const placeKey = (place: string): string => place.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * How the offering reaches the need, or undefined where it cannot.
 *
 * A remote need takes remote offerings only. An onsite need takes an onsite offering in the same place, or where one of
 * them names no place; it takes a remote offering only where it names no place itself.
 */
export function meetingOf({ offering, need }: Pairing): Meeting | undefined {
  if (offering.delivery === 'remote') return remoteMeeting(need);
  if (need.delivery === 'remote') return undefined;
  if (offering.place === null || need.place === null) return 'place_open';
  return placeKey(offering.place) === placeKey(need.place) ? 'same_place' : undefined;
}

function remoteMeeting(need: Pairing['need']): Meeting | undefined {
  if (need.delivery === 'remote') return 'anywhere';
  return need.place === null ? 'from_afar' : undefined;
}

/** What a way to meet is worth, millionths. */
export const MEETING_SCORES: Readonly<Record<Meeting, number>> = {
  same_place: MICRO, anywhere: MICRO, place_open: 500_000, from_afar: 250_000,
};
