import type { Leg, Ring } from './ring.js';

/** What forbids a ring that the graph would allow. */
export type Hindrance = 'ended' | 'held_back' | 'no_shared_time' | 'set_aside';

/** Why such a ring is not chosen. One that is set aside has a reason of its own. */
export const HINDRANCES: Readonly<Record<Exclude<Hindrance, 'set_aside'>, string>> = {
  ended: 'It was proposed before and came to an end. A ring is proposed once; with another listing it is another ring.',
  held_back: 'It uses a listing that stays at home. A chain is agreed in the log, which every node reads: publish that listing with another visibility to use this ring.',
  no_shared_time: 'Its listings have no time in common in which the whole ring could be carried out.',
};

const people = (count: number): string => `${count} people`;

const participantsServed = (rings: readonly Ring[]): number => rings.reduce((sum, { legs }) => sum + legs.length, 0);

/** Why rings are chosen: of the set as a whole. */
export function reasonChosen(chosen: readonly Ring[], isProven: boolean): string {
  const served = people(participantsServed(chosen));
  return isProven ? `It is part of the best set of rings, which serves ${served}.` : `It is part of the best set of rings found, which serves ${served}.`;
}

/** Why a ring is not chosen. Names nothing but what the ring itself shows. */
export function reasonPassedOver(ring: Ring, chosen: readonly Ring[], hindrance: string | undefined): string {
  if (hindrance !== undefined) return hindrance;
  for (const leg of ring.legs) {
    const rival = chosen.find(({ legs }) => legs.some(({ offering }) => offering.participantId === leg.offering.participantId));
    if (rival !== undefined) return rivalry(ring, leg, rival);
  }
  return 'The search came to its limit before this ring could be fitted in.';
}

function rivalry(ring: Ring, { offering }: Leg, rival: Ring): string {
  const who = `whoever offers “${offering.title}” is in`;
  const [here, there] = [ring.legs.length, rival.legs.length];
  if (there > here) return `Not chosen: ${who} a larger ring, which serves ${people(there)} instead of ${here}.`;
  if (there === here && rival.score >= ring.score) return `Not chosen: ${who} a ring that serves as many people and fits at least as well.`;
  return `Not chosen: ${who} another ring, and with that one the chosen rings together serve more people or fit better.`;
}
