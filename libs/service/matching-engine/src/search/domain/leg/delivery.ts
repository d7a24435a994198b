import { MICRO, type GraphListing, type Pairing } from './graph-listing.js';

/** How an offering can reach a need. */
export type Meeting = 'same_place' | 'anywhere' | 'place_open' | 'from_afar' | 'place_unknown';

const placeKey = (place: string): string => place.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * How the offering reaches the need, or undefined where it cannot.
 *
 * A remote need takes remote offerings only. An onsite need takes an onsite offering in the same place, or where one of
 * them names no place; it takes a remote offering only where it names no place itself. A place that is
 * not told may fit.
 */
export function meetingOf({ offering, need }: Pairing): Meeting | undefined {
  if (offering.delivery === 'remote') return remoteMeeting(need);
  if (need.delivery === 'remote') return undefined;
  if (namesNone(offering) || namesNone(need)) return 'place_open';
  if (offering.place === null || need.place === null) return 'place_unknown';
  return placeKey(offering.place) === placeKey(need.place) ? 'same_place' : undefined;
}

/** True where it is known that the listing names no place. */
const namesNone = ({ place, isSummary }: GraphListing): boolean => place === null && isSummary !== true;

function remoteMeeting(need: Pairing['need']): Meeting | undefined {
  if (need.delivery === 'remote') return 'anywhere';
  if (need.isSummary === true) return 'place_unknown';
  return need.place === null ? 'from_afar' : undefined;
}

/** What a way to meet is worth, millionths. */
export const MEETING_SCORES: Readonly<Record<Meeting, number>> = {
  same_place: MICRO, anywhere: MICRO, place_open: 500_000, from_afar: 250_000, place_unknown: 250_000,
};
