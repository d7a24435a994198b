import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { NodeRepository } from '../node/node.repository.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { isExpiredAt, isSignedByIssuer, type AttestationDocument } from './attestation-document.js';
import { checksOf, type Check } from './domain/attestation-checks.js';

/** Checks any attestation that somebody shows, whether this node has ever received it or not. Changes nothing. */
@Injectable()
export class VerifyAttestation {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly nodes: NodeRepository, private readonly profiles: ProfileRepository, private readonly clock: Clock,
  ) {}

  async handle(document: AttestationDocument): Promise<readonly Check[]> {
    const { issuing_node: issuer, participant_id: participantId, expires_at: expiresAt } = document;
    const { credit, announcedBy } = await this.unitOfWork.run(async (tx) => (
      { credit: await this.nodes.creditOf(issuer, tx), announcedBy: await this.profiles.homeOf(participantId, tx) }));
    return checksOf({
      issuer, isIssuerKnown: credit.isKnown, announcedBy, isIssuerInGoodStanding: credit.isInGoodStanding, isSignedByIssuer: isSignedByIssuer(document),
      expiresAt, isExpired: isExpiredAt(document, this.clock.now()),
    });
  }
}
