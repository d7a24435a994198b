import { ChallengeExpiredError, PartyUnknownError } from './session.errors.js';

/** How long a challenge may be answered. */
export const CHALLENGE_MS = 2 * 60_000;

/** How long a session lasts. */
export const SESSION_MS = 15 * 60_000;

/** How long an expired challenge is kept, so that a late answer is told so. */
export const EXPIRED_KEPT_MS = 10 * 60_000;

/** In whose name a session acts. */
export type SessionRole = 'participant' | 'cooperative' | 'operator';

/** The node at whose door somebody stands. */
export interface HomeNode { readonly nodeId: string; readonly operatorId: string }

/** What the registry holds under a did. */
export interface RegisteredParty { readonly kind: 'participant' | 'cooperative'; readonly homeNode: string }

/** The one role of a did at this node; being the operator comes first. @throws PartyUnknownError for strangers and for parties of other nodes. */
export function roleOf(did: string, own: HomeNode, party: RegisteredParty | undefined): SessionRole {
  if (did === own.operatorId) return 'operator';
  if (party?.homeNode !== own.nodeId) throw new PartyUnknownError(did);
  return party.kind;
}

/** Continues while the challenge may be answered: strictly before its expiry. @throws ChallengeExpiredError afterwards. */
export function checkUnexpired(challenge: { readonly did: string; readonly expiresAtMs: number }, nowMs: number): void {
  if (nowMs >= challenge.expiresAtMs) throw new ChallengeExpiredError(challenge.did);
}

/** When a session opened now begins and ends, in whole seconds since 1970 as tokens have it. */
export function sessionSpan(nowMs: number): { readonly issuedAt: number; readonly expiresAt: number } {
  const issuedAt = Math.floor(nowMs / 1000);
  return { issuedAt, expiresAt: issuedAt + SESSION_MS / 1000 };
}
