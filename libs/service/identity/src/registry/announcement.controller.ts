import { Controller } from '@nestjs/common';
import {
  cooperativeAnnounced, cooperativeProfiled, keyRecovered, keyRotated, nodeAnnounced, nodeUpdated, participantAnnounced, type AppliedEntry, type FederationMessage,
} from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { FederationInbox, OnFederated, onMessage, type EntryRoute, type FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { IssuerRepository } from '../activity/issuer.repository.js';
import { ClaimReports } from '../claims/claim-reports.js';
import { claimsOfCooperative, claimsOfNode, claimsOfParticipant, type NamedClaim } from '../claims/claimed-names.js';
import { profileOf } from '../profile/profile-statement.js';
import { Profiles } from '../profile/profiles.js';
import { Admission, causes } from './admission.js';
import { ForeignStatementError } from './domain/registry.errors.js';
import { cooperativeClaim, participantClaim } from './statements.js';

type BodyOf<Message extends FederationMessage> = z.output<Message['body']>;

/** What becomes of one type of announcement. */
interface Taking<Body> {
  take(entry: FederatedEntry<Body>, tx: Transaction): Promise<void>;
  /** What the entry claims, for the report where it is refused. */
  claims(body: Body, issuer: string): readonly NamedClaim[];
  /** What others wait for until the entry is taken in; left out, its subject. */
  causes?(body: Body): readonly string[];
}

type NodeWords = BodyOf<typeof nodeAnnounced> | BodyOf<typeof nodeUpdated>;
type KeyWords = BodyOf<typeof keyRotated> | BodyOf<typeof keyRecovered>;

/** Announcements of this node and of others, all on one path. */
@Controller()
export class AnnouncementController {
  private readonly routes: readonly EntryRoute[];

  constructor(
    private readonly inbox: FederationInbox, private readonly admission: Admission, private readonly issuers: IssuerRepository, private readonly reports: ClaimReports,
    profiles: Profiles,
  ) {
    const ofNode = this.ofNode();
    const ofKey = this.ofKey();
    this.routes = [
      this.route(nodeAnnounced, ofNode), this.route(nodeUpdated, ofNode), this.route(keyRotated, ofKey), this.route(keyRecovered, ofKey),
      this.route(cooperativeAnnounced, {
        take: ({ issuer, body: { statement, signature } }, tx) => admission.admitAnnounced(cooperativeClaim(statement, signature), issuer, tx),
        claims: ({ statement }, issuer) => claimsOfCooperative(statement, issuer),
        causes: ({ statement }) => [causes.cooperative(statement.cooperative_id)],
      }),
      this.route(cooperativeProfiled, {
        take: ({ body: { statement, signature }, ...entry }, tx) => profiles.admitAnnounced(profileOf(statement, signature), entry, tx),
        claims: ({ statement }, issuer) => claimsOfCooperative(statement, issuer),
      }),
      this.route(participantAnnounced, {
        take: ({ issuer, body: { statement, signature } }, tx) => admission.admitAnnounced(participantClaim(statement, signature), issuer, tx),
        claims: ({ statement }, issuer) => claimsOfParticipant(statement, issuer),
      }),
    ];
  }

  @OnFederated('announce')
  async announced(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('identity', entry, this.routes);
  }

  private ofNode(): Taking<NodeWords> {
    return {
      take: async ({ issuer, seq, body }, tx) => {
        if (body.node_id !== issuer) throw new ForeignStatementError(body.node_id, issuer);
        const { name, domain, gateway_url: gatewayUrl, operator_id: operatorId } = body;
        await this.admission.admitNode({ nodeId: issuer, name, domain, gatewayUrl, operatorId, announcedSeq: seq }, tx);
      },
      claims: claimsOfNode,
      causes: (body) => [causes.node(body.node_id)],
    };
  }

  /** Whether the key follows rightly on the one before has been checked before the entry came here. */
  private ofKey(): Taking<KeyWords> {
    return {
      take: async ({ issuer, seq, body }, tx) => {
        if (body.node_id !== issuer) throw new ForeignStatementError(body.node_id, issuer);
        await this.issuers.changeKey(issuer, { keyNo: body.key_no, seq }, tx);
      },
      claims: ({ node_id }, issuer) => claimsOfNode({ node_id }, issuer),
    };
  }

  /** A route on which a refusal is reported where somebody else holds what the entry claims. */
  private route<Message extends FederationMessage>(message: Message, { take, claims, causes: causesOf }: Taking<BodyOf<Message>>): EntryRoute {
    return onMessage(message, async (entry, tx) => {
      try {
        await take(entry, tx);
      } catch (error) {
        const isReported = error instanceof DomainError && await this.reports.file(entry, claims(entry.body, entry.issuer), error, tx);
        if (!isReported) throw error;
      }
    }, causesOf);
  }
}
