import type { trust } from '@kula/contracts';
import type { z } from 'zod';
import type { TrustClaims } from '../attestation/issue-attestation.js';
import type { AssessedProfile } from './assess-profile.js';
import { ONE } from './domain/track-record.js';
import type { Profile } from './profile.repository.js';

/** A profile as it is shown. Tier and standing are those that other services have been told. */
export function presentProfile({ participantId, homeNode, tier, standing }: Profile, assessed: AssessedProfile): z.input<typeof trust.trustProfile> {
  const { source, exchangesCompleted, exchangesFailed, satisfactionRate, partnerCount, memberSince } = assessed;
  return { participantId, homeNode, tier, exchangesCompleted, exchangesFailed, satisfactionRate, partnerCount, memberSince, standing, source };
}

/** What this node can attest of its member, or null before the first answer about what the member gave. */
export function claimsOf({ exchangesCompleted, satisfactionRate, partnerCount, memberSince, assessment }: AssessedProfile): TrustClaims | null {
  if (satisfactionRate === null) return null;
  return {
    exchanges_completed: exchangesCompleted, satisfaction_rate: satisfactionRate / ONE, partner_count: partnerCount, member_since: memberSince,
    vouches_received: 0, trust_tier: assessment.tier,
  };
}
