import { Injectable } from '@nestjs/common';
import { cooperativeAnnounced, participantAnnounced } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import {
  checkMembership, checkRegistrar, noveltyOfCooperative, noveltyOfParticipant,
  type Asker, type CooperativeClaim, type Novelty, type ParticipantClaim, type PartyClaim,
} from './domain/claims.js';
import { DomainTakenError, ForeignStatementError } from './domain/registry.errors.js';
import { NodeRepository, type AnnouncedNode } from './persistence/node.repository.js';
import { ParkedAnnouncementRepository, type PartyAnnouncement } from './persistence/parked-announcement.repository.js';
import { PartyRepository } from './persistence/party.repository.js';
import { cooperativeClaim, participantClaim } from './statements.js';

/** The one way into the registry: for registrations made here, and for announcements of this node and of others alike. */
@Injectable()
export class Admission {
  constructor(
    private readonly nodes: NodeRepository, private readonly parties: PartyRepository, private readonly parked: ParkedAnnouncementRepository,
  ) {}

  /** Takes in what a node says about itself. @throws DomainTakenError where another node was known by the domain first. */
  async admitNode(node: AnnouncedNode, tx: Transaction): Promise<void> {
    const holder = await this.nodes.holderOf(node.domain, tx);
    if (holder !== undefined && holder !== node.nodeId) throw new DomainTakenError(node.domain, holder);
    await this.nodes.save(node, tx);
    await this.release(node.nodeId, tx);
  }

  /** Continues where the asker may register the participant here. @throws CooperativeUnknownError, then NotYourCooperativeError. */
  async checkEntitled(claim: ParticipantClaim, asker: Asker | null, tx: Transaction): Promise<void> {
    checkMembership(claim, await this.parties.find(claim.cooperativeId, tx));
    checkRegistrar(claim, asker);
  }

  /** Takes in a party. A repetition changes nothing. @throws the refusals of domain/claims. */
  async admitParty(claim: PartyClaim, tx: Transaction): Promise<Novelty> {
    return claim.kind === 'cooperative' ? this.admitCooperative(claim, tx) : this.admitParticipant(claim, tx);
  }

  /**
   * Takes in a party that a node announces, or keeps the announcement until its node or its cooperative is known.
   *
   * @throws BadSignatureError; ForeignStatementError where a node speaks for another; the refusals of domain/claims.
   */
  async admitAnnounced(announcement: PartyAnnouncement, tx: Transaction): Promise<void> {
    const claim = claimOf(announcement);
    if (claim.homeNode !== announcement.issuer) throw new ForeignStatementError(claim.homeNode, announcement.issuer);
    const missing = await this.missingCause(claim, tx);
    if (missing === undefined) await this.admitParty(claim, tx);
    else await this.parked.park(announcement, missing, tx);
  }

  private async admitCooperative(claim: CooperativeClaim, tx: Transaction): Promise<Novelty> {
    const novelty = noveltyOfCooperative(claim, await this.parties.find(claim.did, tx));
    if (novelty === 'new') await this.parties.addCooperative(claim, tx);
    await this.release(claim.did, tx);
    return novelty;
  }

  private async admitParticipant(claim: ParticipantClaim, tx: Transaction): Promise<Novelty> {
    checkMembership(claim, await this.parties.find(claim.cooperativeId, tx));
    const known = await this.parties.find(claim.did, tx);
    const novelty = noveltyOfParticipant(claim, known, await this.parties.holderOf(claim.handle, claim.homeNode, tx));
    if (novelty === 'new') await this.parties.addParticipant(claim, tx);
    return novelty;
  }

  /** Id of what must be known before the claim can be judged, or undefined. */
  private async missingCause(claim: PartyClaim, tx: Transaction): Promise<string | undefined> {
    if (!(await this.nodes.isKnown(claim.homeNode, tx))) return claim.homeNode;
    if (claim.kind === 'participant' && (await this.parties.find(claim.cooperativeId, tx)) === undefined) return claim.cooperativeId;
    return undefined;
  }

  /** Takes in what waited for a node or a cooperative. A refusal is recorded and does not undo its cause. */
  private async release(cause: string, tx: Transaction): Promise<void> {
    for (const announcement of await this.parked.takeWaitingFor(cause, tx)) {
      try {
        await this.admitAnnounced(announcement, tx);
      } catch (error) {
        // A DomainError is thrown before anything is written for the announcement, so the transaction is still good.
        if (!(error instanceof DomainError)) throw error;
        await this.parked.refuse(announcement, error, tx);
      }
    }
  }
}

function claimOf({ type, body }: PartyAnnouncement): PartyClaim {
  if (type === 'cooperative.announced') {
    const { statement, signature } = cooperativeAnnounced.body.parse(body);
    return cooperativeClaim(statement, signature);
  }
  const { statement, signature } = participantAnnounced.body.parse(body);
  return participantClaim(statement, signature);
}
