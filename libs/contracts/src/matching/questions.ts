import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { did, instant, minorUnits, recordId } from '../core/values.js';
import { PEER_QUESTIONS, peerQuestion, peerQuestionAnswer } from '../federation/peer-questions.js';
import { capability, listingPlace, listingSummary, listingTitle } from '../messages/graph.js';

/**
 * `matching.candidates`: which listings that are only shown to those who ask could be of use?
 *
 * `seeks`: needs of these terms are known to the asker, so offerings of them or of narrower ones are of use. `gives`:
 * offerings of these terms are known, so needs of them or of broader ones are. `after`: the last listing of the page before.
 */
export const candidatesQuestion = z.looseObject({
  gives: z.array(capability).max(60), seeks: z.array(capability).max(60), after: recordId.nullable().default(null),
});

/** A summary with what of the quantity is not spoken for. */
export const candidate = listingSummary.extend({ free: minorUnits });

/** In the order of their ids. `valid_until`: to be forgotten then. `next`: the listing to go on after, or null. */
export const candidatesAnswer = z.looseObject({ candidates: z.array(candidate).max(200), next: recordId.nullable(), valid_until: instant });

/** `matching.details`: asked of the home node by a node that is about to propose a ring with these listings. */
export const detailsQuestion = z.looseObject({ listing_ids: z.array(recordId).min(1).max(20) });

/** The summary as it was told before, and what it left out. */
export const listingDetails = listingSummary.extend({ participant_id: did, title: listingTitle, place: listingPlace.nullable() });

/** Those of the listings that the asker may know. Nothing is said about the others. */
export const detailsAnswer = z.looseObject({ listings: z.array(listingDetails).max(20) });

const askerErrors = ['matching.asker_not_admitted', 'matching.asked_too_much'] as const;

export const answerCandidates = defineOperation({
  subject: PEER_QUESTIONS['matching.candidates'], summary: 'Answers a peer which of the listings that are only shown to those who ask could be of use to it.', roles: [],
  input: peerQuestion, output: peerQuestionAnswer, errors: [...askerErrors],
});

export const answerDetails = defineOperation({
  subject: PEER_QUESTIONS['matching.details'], summary: 'Answers a peer whose listings these are, what they are called and where.', roles: [],
  input: peerQuestion, output: peerQuestionAnswer, errors: [...askerErrors],
});
