import { Controller } from '@nestjs/common';
import { keyRecovered, keyRotated, nodeAnnounced, participantAnnounced, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, isSignedByParticipant, OnFederated, onMessage, type EntryRoute, type FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import type { z } from 'zod';
import { AttestationIntake } from '../attestation/attestation-intake.js';
import { NodeKeyRepository } from '../node/node-key.repository.js';
import { NodeRepository } from '../node/node.repository.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { ReviewProfile } from '../profile/review-profile.js';
import { holdRecords, nodeRecord, participantRecord } from '../record-lock.js';
import { ForgedAnnouncementError, ParticipantElsewhereError } from './announcement.errors.js';

type NodeEntry = FederatedEntry<z.output<typeof nodeAnnounced.body>>;
type KeyEntry = FederatedEntry<z.output<typeof keyRotated.body> | z.output<typeof keyRecovered.body>>;
type ParticipantEntry = FederatedEntry<z.output<typeof participantAnnounced.body>>;

/** Learns from announcements which nodes there are, with which keys they sign, and who lives where since when. */
@Controller()
export class AnnouncementEntriesController {
  private readonly routes: readonly EntryRoute[] = [
    onMessage(nodeAnnounced, (entry, tx) => this.node(entry, tx)),
    onMessage(keyRotated, (entry, tx) => this.key(entry, tx)),
    onMessage(keyRecovered, (entry, tx) => this.key(entry, tx)),
    onMessage(participantAnnounced, (entry, tx) => this.participant(entry, tx)),
  ];

  constructor(
    private readonly inbox: FederationInbox, private readonly nodes: NodeRepository, private readonly keys: NodeKeyRepository, private readonly profiles: ProfileRepository,
    private readonly reviewing: ReviewProfile, private readonly intake: AttestationIntake,
  ) {}

  @OnFederated('announce')
  async apply(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('announce', entry, this.routes);
    const body = participantAnnounced.body.safeParse(entry.body);
    if (body.success) await this.intake.resume(body.data.statement.participant_id);
  }

  private async node({ issuer, body }: NodeEntry, tx: Transaction): Promise<void> {
    if (body.node_id !== issuer) throw new ForgedAnnouncementError(body.node_id, issuer);
    await this.nodes.add(issuer, tx);
  }

  /** Whether the key follows rightly on the one before has been checked before the entry came here. */
  private async key({ issuer, body }: KeyEntry, tx: Transaction): Promise<void> {
    if (body.node_id !== issuer) throw new ForgedAnnouncementError(body.node_id, issuer);
    await this.keys.change(issuer, { keyNo: body.key_no, publicKey: body.public_key }, tx);
  }

  /** Takes in a participant. What was recorded of it before its announcement came begins to count. */
  private async participant({ issuer, body }: ParticipantEntry, tx: Transaction): Promise<void> {
    const { participant_id: participantId, node_id: nodeId, made_at: memberSince } = body.statement;
    if (!isSignedByParticipant(nodeEd25519, body) || nodeId !== issuer) throw new ForgedAnnouncementError(participantId, issuer);
    await holdRecords([nodeRecord(issuer), participantRecord(participantId)], tx);
    const homeNode = await this.profiles.homeOf(participantId, tx);
    if (homeNode === issuer) return;
    if (homeNode !== undefined) throw new ParticipantElsewhereError(participantId, homeNode);
    await this.nodes.add(issuer, tx);
    await this.profiles.add({ participantId, homeNode: issuer, memberSince }, tx);
    await this.reviewing.handle(participantId, tx);
  }
}
