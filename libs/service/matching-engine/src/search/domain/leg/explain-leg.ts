import { meetingOf, type Meeting } from './delivery.js';
import { MICRO, type Pairing } from './graph-listing.js';
import { SCORE_PARTS, scoreLeg, SCORING_WEIGHTS, type ScorePart } from './score-leg.js';

/** One part of a score with a plain sentence. */
export interface LegExplanation {
  readonly part: ScorePart;
  readonly score: number;
  readonly weight: number;
  readonly sentence: string;
}

/** At or above it a standing is well proven, millionths. */
const PROVEN_STANDING = 700_000;
/** At or above it a standing is in the making, millionths. */
const GROWING_STANDING = 400_000;

const MEETINGS: Readonly<Record<Meeting, string>> = {
  same_place: 'both name the same place',
  anywhere: 'it can be given from anywhere',
  place_open: 'not both name a place, so it has to be agreed',
  from_afar: 'it is given from afar, and the need names no place',
  place_unknown: 'not every place is known yet: the home node tells it before a ring is proposed',
};

const percent = (score: number): number => Math.floor(score / 10_000);

const SENTENCES: Readonly<Record<ScorePart, (pairing: Pairing, score: number) => string>> = {
  capability: ({ offering, need }) => offering.capability === need.capability
    ? `${offering.capability} is exactly what is needed` : `${offering.capability} is a kind of ${need.capability}, which is needed`,
  quantity: ({ offering, need }, score) => score === MICRO
    ? `all of the ${offering.free} ${offering.unit} offered are used` : `${need.free} of the ${offering.free} ${offering.unit} offered are used`,
  time: (_pairing, score) => score === MICRO
    ? 'it is available the whole time it is needed' : `it is available ${percent(score)} % of the time it is needed`,
  place: (pairing) => MEETINGS[meetingOf(pairing) ?? 'place_open'],
  trust: ({ offering, need }, score) => offering.isSummary === true || need.isSummary === true
    ? 'not every record is known yet: the home node tells whose it is before a ring is proposed' : trustSentence(score),
};

/** Says nothing about which of the two it is. */
function trustSentence(standing: number): string {
  if (standing >= PROVEN_STANDING) return 'both have a proven record';
  return standing >= GROWING_STANDING ? 'at least one of the two is still building a record' : 'at least one of the two is new to the network';
}

/** Why the offering meets the need: every part of its score, in the order of the parts. */
export function explainLeg(pairing: Pairing): LegExplanation[] {
  const { parts } = scoreLeg(pairing);
  return SCORE_PARTS.map((part) => (
    { part, score: parts[part], weight: SCORING_WEIGHTS[part], sentence: SENTENCES[part](pairing, parts[part]) }));
}
