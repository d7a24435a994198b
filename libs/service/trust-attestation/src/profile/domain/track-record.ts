/** What a member's recipient answered about what the member gave. */
export type Answer = 'yes' | 'partially' | 'no';

/** One ended exchange of one member. A chain that was called off before it began is none. */
export interface ExchangeOutcome {
  readonly outcome: 'completed' | 'failed';
  readonly given: Answer | null;
  readonly isAtFault: boolean;
  readonly partners: readonly string[];
  readonly endedAtMs: number;
}

/** What a node has seen of its own member. Times in milliseconds since 1970. */
export interface TrackRecord {
  readonly memberSinceMs: number;
  readonly exchangesCompleted: number;
  /** Failed exchanges in which this member was at fault. */
  readonly exchangesFailed: number;
  readonly fulfilled: number;
  readonly partially: number;
  readonly unfulfilled: number;
  /** Different partners of completed exchanges. */
  readonly partnerCount: number;
  /** Ends of completed exchanges, oldest first. */
  readonly completedAtMs: readonly number[];
}

/** Millionths: this is one. */
export const ONE = 1_000_000;

/** What an answer is worth, in millionths. */
export const WORTH: Readonly<Record<Answer, number>> = { yes: ONE, partially: ONE / 2, no: 0 };

/**
 * The record that outcomes add up to, each of another chain.
 *
 * The order of the outcomes does not matter. A failed chain counts against the member at fault only; what a member gave is
 * answered for by its recipient however the chain ended. O(outcomes).
 */
export function trackRecordOf(memberSinceMs: number, outcomes: readonly ExchangeOutcome[]): TrackRecord {
  const completed = outcomes.filter(({ outcome }) => outcome === 'completed');
  const answered = (answer: Answer): number => outcomes.filter(({ given }) => given === answer).length;
  return {
    memberSinceMs, exchangesCompleted: completed.length, exchangesFailed: outcomes.filter(({ outcome, isAtFault }) => outcome === 'failed' && isAtFault).length,
    fulfilled: answered('yes'), partially: answered('partially'), unfulfilled: answered('no'),
    partnerCount: new Set(completed.flatMap(({ partners }) => partners)).size,
    completedAtMs: completed.map(({ endedAtMs }) => endedAtMs).sort((left, right) => left - right),
  };
}

/** Share of what was given that was fulfilled, in millionths, rounded down: yes 1, partially ½, no 0. Null before the first answer. */
export function satisfactionRateOf({ fulfilled, partially, unfulfilled }: TrackRecord): number | null {
  const answers = fulfilled + partially + unfulfilled;
  return answers === 0 ? null : Math.floor((fulfilled * WORTH.yes + partially * WORTH.partially + unfulfilled * WORTH.no) / answers);
}
