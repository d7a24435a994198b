import { Injectable } from '@nestjs/common';
import { attestationIssued, type AppliedEntry } from '@kula/contracts';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { AwaitsCause, FederationInbox, onMessage, type EntryRoute, type FederatedEntry } from '@kula/platform-federation';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { CreditNode } from '../node/credit-node.js';
import { NodeRepository } from '../node/node.repository.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { ReviewProfile } from '../profile/review-profile.js';
import { holdRecords, nodeRecord, participantRecord } from '../record-lock.js';
import { isExpiredAt, isSignedByIssuer, type AttestationDocument } from './attestation-document.js';
import { AttestationRepository } from './attestation.repository.js';
import {
  AttestationExistsError, AttestationExpiredError, ForeignAttestationError, ForgedAttestationError, IssuerNotInGoodStandingError, NotHomeNodeError,
} from './domain/attestation.errors.js';

const CONSUMER = 'attestations';

/** What an attestation waits for until its participant is announced. */
const announcementOf = (participantId: string): string => `participant:${participantId}`;

/** The one way in for attestations: those of other nodes, and this node's own when they come back from its log. */
@Injectable()
export class AttestationIntake {
  private readonly routes: readonly EntryRoute[] = [onMessage(attestationIssued, (entry, tx) => this.attested(entry, tx))];

  constructor(
    private readonly inbox: FederationInbox, private readonly unitOfWork: UnitOfWork, private readonly attestations: AttestationRepository,
    private readonly profiles: ProfileRepository, private readonly nodes: NodeRepository, private readonly crediting: CreditNode,
    private readonly reviewing: ReviewProfile, private readonly clock: Clock,
  ) {}

  /** Applies an entry of the topic. */
  async take(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply(CONSUMER, entry, this.routes);
    const body = attestationIssued.body.safeParse(entry.body);
    // The announcement may have come in between: then it found nothing waiting yet, and this is the one to go on.
    if (body.success && (await this.isAnnounced(body.data.participant_id))) await this.resume(body.data.participant_id);
  }

  /** Applies what waited for a participant to be announced. */
  async resume(participantId: string): Promise<void> {
    await this.inbox.resume(CONSUMER, announcementOf(participantId), this.routes);
  }

  private async isAnnounced(participantId: string): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => (await this.profiles.homeOf(participantId, tx)) !== undefined);
  }

  private async attested({ issuer, seq, body }: FederatedEntry<AttestationDocument>, tx: Transaction): Promise<void> {
    if (body.issuing_node !== issuer) throw new ForeignAttestationError(body.issuing_node, issuer);
    if (!isSignedByIssuer(body)) throw new ForgedAttestationError(issuer);
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
