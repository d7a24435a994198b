import { Injectable } from '@nestjs/common';
import { fromBase64url, hashDocument, keyOfNodeId, type Json } from '@kula/kernel-crypto';
import { AwaitsCause, type FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { CreditNode } from '../node/credit-node.js';
import { NodeRepository } from '../node/node.repository.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { ReviewProfile } from '../profile/review-profile.js';
import { holdRecords, nodeRecord, participantRecord } from '../record-lock.js';
import { isExpiredAt, isSignedWith, type AttestationDocument } from './attestation-document.js';
import { AttestationRepository } from './attestation.repository.js';
import {
  AttestationExistsError, AttestationExpiredError, ForeignAttestationError, ForgedAttestationError, IssuerNotInGoodStandingError, NotHomeNodeError,
} from './domain/attestation.errors.js';

/** What an attestation waits for until its participant is announced. */
export const announcementOf = (participantId: string): string => `participant:${participantId}`;

/** Stores a genuine attestation of a home node and assesses the participant by it. */
@Injectable()
export class AcceptAttestation {
  constructor(
    private readonly attestations: AttestationRepository, private readonly profiles: ProfileRepository, private readonly nodes: NodeRepository,
    private readonly crediting: CreditNode, private readonly reviewing: ReviewProfile, private readonly clock: Clock,
  ) {}

  /** What is forged or over is refused at once; the rest waits until the participant is announced. @throws attestation errors; AwaitsCause. */
  async handle({ issuer, issuerKey, seq, body }: FederatedEntry<AttestationDocument>, tx: Transaction): Promise<void> {
    if (body.issuing_node !== issuer) throw new ForeignAttestationError(body.issuing_node, issuer);
    // The node signs the document with the key it seals the entry with.
    if (!isSignedWith(issuerKey === undefined ? keyOfNodeId(issuer) : fromBase64url(issuerKey), body)) throw new ForgedAttestationError(issuer);
    if (isExpiredAt(body, this.clock.now())) throw new AttestationExpiredError(body.expires_at);
    await holdRecords([nodeRecord(issuer), participantRecord(body.participant_id)], tx);
    await this.checkEntitled(issuer, body, tx);
    if (await this.isKnown(body, tx)) return;
    await this.attestations.add(body, seq, tx);
    await this.crediting.attested({ nodeId: issuer, participantId: body.participant_id, entrySeq: seq }, tx);
    await this.reviewing.handle(body.participant_id, tx);
  }

  private async checkEntitled(issuer: string, { participant_id: participantId }: AttestationDocument, tx: Transaction): Promise<void> {
    const homeNode = await this.profiles.homeOf(participantId, tx);
    if (homeNode === undefined) throw new AwaitsCause(announcementOf(participantId));
    if (homeNode !== issuer) throw new NotHomeNodeError(participantId, issuer);
    if (!(await this.nodes.creditOf(issuer, tx)).isInGoodStanding) throw new IssuerNotInGoodStandingError(issuer);
  }

  private async isKnown(body: AttestationDocument, tx: Transaction): Promise<boolean> {
    const known = await this.attestations.find(body.issuing_node, body.attestation_id, tx);
    if (known !== undefined && hashDocument(known as Json) !== hashDocument(body as Json)) throw new AttestationExistsError(body.attestation_id);
    return known !== undefined;
  }
}
