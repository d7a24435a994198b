import { ProfileFromFutureError } from './profile.errors.js';

/** What a cooperative said about itself, its signature already checked. */
export interface Profile {
  readonly cooperativeId: string;
  readonly homeNode: string;
  readonly description: string | null;
  readonly place: string | null;
  readonly capabilities: readonly string[];
  readonly units: readonly string[];
  readonly contact: string | null;
  /** The moment in the statement, letter by letter as signed. */
  readonly madeAt: string;
  /** The same in milliseconds since 1970; what is finer does not count. */
  readonly madeAtMs: number;
  readonly statementHash: string;
  readonly signature: string;
}

/** What decides between two profiles of one cooperative. */
export type ProfileRank = Pick<Profile, 'madeAtMs' | 'statementHash'>;

/** How far ahead of now a request may be: clocks differ. */
export const REQUEST_AHEAD_MS = 5 * 60_000;

/** How far ahead of its entry a profile may be. More than a request may, so that what its own node took in no other refuses. */
export const ENTRY_AHEAD_MS = 60 * 60_000;

/** How a profile stands to the one that is known. */
export type Standing = 'later' | 'same' | 'earlier';

/**
 * How a profile stands to the known one: later by `madeAt`, then by the greater hash.
 *
 * A total order, so that every node ends with the same profile whatever the order of arrival.
 */
export function standingOf(profile: ProfileRank, known: ProfileRank | undefined): Standing {
  if (known === undefined || profile.madeAtMs > known.madeAtMs) return 'later';
  if (profile.madeAtMs < known.madeAtMs) return 'earlier';
  if (profile.statementHash === known.statementHash) return 'same';
  return profile.statementHash > known.statementHash ? 'later' : 'earlier';
}

/** Continues where the profile is made before `nowMs`, give or take. @throws ProfileFromFutureError otherwise. */
export function checkMade({ cooperativeId, madeAt, madeAtMs }: Profile, nowMs: number, aheadMs: number): void {
  if (madeAtMs > nowMs + aheadMs) throw new ProfileFromFutureError(cooperativeId, madeAt);
}
