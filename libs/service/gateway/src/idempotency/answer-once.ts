import { Injectable } from '@nestjs/common';
import type { Answer } from '../http/answer.js';
import { IdempotencyInFlightError, IdempotencyKeyReusedError } from '../problems/gateway.errors.js';
import { IdempotencyRecords, type RequestName } from './idempotency-records.js';

/** Faults and bugs may pass: only what would be answered the same way again is kept. */
const isDefinitive = ({ status }: Answer): boolean => status < 500;

/** Answers a named request once and repeats that answer. */
@Injectable()
export class AnswerOnce {
  constructor(private readonly records: IdempotencyRecords) {}

  /**
   * The answer to a request: of `work` the first time, the kept one afterwards, marked as replayed.
   *
   * @throws IdempotencyKeyReusedError where the name belongs to other content; IdempotencyInFlightError while it is being answered.
   */
  async answer(name: RequestName, requestHash: string, work: () => Promise<Answer>): Promise<Answer> {
    const claim = await this.records.claim(name, requestHash);
    switch (claim.kind) {
      case 'yours': return this.answerNow(name, claim.attempt, work);
      case 'answered': return { ...claim.answer, headers: { ...claim.answer.headers, 'idempotent-replayed': 'true' } };
      case 'in_flight': throw new IdempotencyInFlightError();
      case 'other_request': throw new IdempotencyKeyReusedError();
    }
  }

  private async answerNow(name: RequestName, attempt: string, work: () => Promise<Answer>): Promise<Answer> {
    const answer = await work();
    if (isDefinitive(answer)) await this.records.complete(name, attempt, answer);
    else await this.records.release(name, attempt);
    return answer;
  }
}
