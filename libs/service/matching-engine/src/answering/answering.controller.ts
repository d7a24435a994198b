import { Controller } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { Operation, parseMessage } from '@kula/platform-messaging';
import type { z } from 'zod';
import { MatchingPolicy } from '../matching-policy.js';
import { AnswerCandidates } from './answer-candidates.js';
import { AnswerDetails } from './answer-details.js';
import { AskerGate } from './asker-gate.js';

type Question = z.output<typeof matching.answerCandidates.input>;
type Answer = z.input<typeof matching.answerCandidates.output>;

const HOUR_MS = 3_600_000;

/** What the matching engines of other nodes ask. Who asks is the federation service's word. */
@Controller()
export class AnsweringController {
  constructor(
    private readonly gate: AskerGate, private readonly policy: MatchingPolicy, private readonly candidates: AnswerCandidates, private readonly details: AnswerDetails,
  ) {}

  @Operation(matching.answerCandidates)
  async answerCandidates({ asker, body }: Question): Promise<Answer> {
    await this.gate.admit(asker, { kind: 'questions', max: this.policy.questionsPerHour, periodMs: HOUR_MS }, 1);
    return { body: await this.candidates.run(asker, parseMessage(matching.candidatesQuestion, body)) };
  }

  @Operation(matching.answerDetails)
  async answerDetails({ asker, body }: Question): Promise<Answer> {
    const { listing_ids: listingIds } = parseMessage(matching.detailsQuestion, body);
    await this.gate.admit(asker, { kind: 'details', max: this.policy.detailsPerDay, periodMs: 24 * HOUR_MS }, listingIds.length);
    return { body: await this.details.run(asker, listingIds) };
  }
}
