import { DomainError } from '@kula/kernel-primitives';

/** A listing of another node of which whose it is, its title and its place are not told. Times in milliseconds since 1970. */
export interface Summary {
  readonly listingId: string;
  readonly homeNode: string;
  /** Stands for the participant in everything its home node tells in summary. */
  readonly participantRef: string;
  readonly kind: 'offering' | 'need';
  readonly capability: string;
  readonly amount: bigint;
  readonly unit: string;
  /** What of the amount is not spoken for. */
  readonly free: bigint;
  readonly availableFromMs: number;
  readonly availableUntilMs: number;
  readonly delivery: 'onsite' | 'remote';
  readonly state: 'open' | 'withdrawn';
  /** When it is to be forgotten; null where it stands in the log. */
  readonly validUntilMs: number | null;
}

/** Open summaries one participant reference may have in the log, as many as a participant may have listings. */
export const OPEN_SUMMARIES_MAX = 200;

const CONTENT = ['listingId', 'homeNode', 'participantRef', 'kind', 'capability', 'amount', 'unit', 'availableFromMs', 'availableUntilMs', 'delivery'] as const;

/** What a summary says, without what becomes of it. */
export type SummaryContent = Pick<Summary, (typeof CONTENT)[number]>;

/** True where both say the same of the same listing, whatever has become of it since. */
export const saysSame = (left: SummaryContent, right: SummaryContent): boolean => CONTENT.every((field) => left[field] === right[field]);

/** The reference has as many open listings as a participant may have. Only entries are refused so. */
export class TooManySummariesError extends DomainError<'matching.too_many_listings'> {
  override readonly name = 'TooManySummariesError';
  readonly code = 'matching.too_many_listings';

  constructor(participantRef: string) {
    super(`a participant has at most ${OPEN_SUMMARIES_MAX} open listings in summary`, { participantRef, openMax: OPEN_SUMMARIES_MAX });
  }
}
