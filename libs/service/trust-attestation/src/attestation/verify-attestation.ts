import { Injectable } from '@nestjs/common';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { isBoundedJson } from '@kula/kernel-federation-log';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { NodeKeyRepository } from '../node/node-key.repository.js';
import { NodeRepository } from '../node/node.repository.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { isExpiredAt, isSignedWith, type AttestationDocument } from './attestation-document.js';
import { AttestationRepository } from './attestation.repository.js';
import { checksOf, type Check } from './domain/attestation-checks.js';

/** Checks any attestation that somebody shows, whether this node has ever received it or not. Changes nothing. */
@Injectable()
export class VerifyAttestation {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly nodes: NodeRepository, private readonly keys: NodeKeyRepository, private readonly profiles: ProfileRepository,
    private readonly attestations: AttestationRepository, private readonly clock: Clock,
  ) {}

  async handle(document: AttestationDocument): Promise<readonly Check[]> {
    const { issuing_node: issuer, participant_id: participantId, expires_at: expiresAt } = document;
    const { credit, announcedBy, isIssued } = await this.unitOfWork.run(async (tx) => ({
      credit: await this.nodes.creditOf(issuer, tx), announcedBy: await this.profiles.homeOf(participantId, tx), isIssued: await this.isIssued(document, tx),
    }));
    return checksOf({
      issuer, isIssuerKnown: credit.isKnown, announcedBy, isIssuerInGoodStanding: credit.isInGoodStanding, isSignedByIssuer: isIssued,
      expiresAt, isExpired: isExpiredAt(document, this.clock.now()),
    });
  }

  /**
   * What was signed with a key that the node has given up counts only as it came in the node's log: whoever has got hold of
   * the old key could write, and date back, anything else.
   */
  private async isIssued(document: AttestationDocument, tx: Transaction): Promise<boolean> {
    const { issuing_node: issuer, attestation_id: id } = document;
    if (isSignedWith(await this.keys.present(issuer, tx), document)) return true;
    if (!isBoundedJson(document)) return false;
    const received = await this.attestations.find(issuer, id, tx);
    return received !== undefined && hashDocument(received as Json) === hashDocument(document as Json);
  }
}
