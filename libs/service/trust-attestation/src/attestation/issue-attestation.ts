import { Injectable } from '@nestjs/common';
import { attestationIssued, type trustClaims } from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { FederationOutbox } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';

const DAY_MS = 24 * 3_600_000;
/** How long an attestation holds. */
const VALID_MS = 180 * DAY_MS;
/** Age at which an attestation is issued again though nothing has changed, so that no member is without one. */
export const RENEW_AFTER_MS = 150 * DAY_MS;

export type TrustClaims = {
  readonly [Name in 'exchanges_completed' | 'satisfaction_rate' | 'partner_count' | 'member_since' | 'vouches_received' | 'trust_tier']: z.input<typeof trustClaims>[Name];
};

/** Sends attestations of own members to the log. They are stored when they come back from there, like those of other nodes. */
@Injectable()
export class IssueAttestation {
  constructor(private readonly federation: FederationOutbox, private readonly node: NodeIdentity) {}

  /** Sends what this node attests of its member. The id is the hash of everything the attestation says, so no two share one. */
  async handle(participantId: string, claims: TrustClaims, now: Date, tx: Transaction): Promise<void> {
    const document = {
      issuing_node: this.node.id, participant_id: participantId, timestamp: now.toISOString(), expires_at: new Date(now.getTime() + VALID_MS).toISOString(), claims,
    };
    await this.federation.add(attestationIssued, { attestation_id: `t-${hashDocument(document)}`, ...document }, { subject: participantId }, tx);
  }
}
