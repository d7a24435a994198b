import { Injectable } from '@nestjs/common';
import { AwaitsCause } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import {
  checkMembership, checkRegistrar, noveltyOfCooperative, noveltyOfParticipant,
  type Asker, type CooperativeClaim, type Novelty, type ParticipantClaim, type PartyClaim,
} from './domain/claims.js';
import { DomainTakenError, ForeignStatementError } from './domain/registry.errors.js';
import { NodeRepository, type AnnouncedNode } from './persistence/node.repository.js';
import { PartyRepository } from './persistence/party.repository.js';

/** Names of what an announcement may wait for. */
export const causes = {
  /** The node is known. */
  node: (nodeId: string) => `node:${nodeId}`,
  /** The cooperative is known. */
  cooperative: (cooperativeId: string) => `cooperative:${cooperativeId}`,
} as const;

/**
 * The one way into the registry: for registrations made here, and for announcements of this node and of others alike.
 *
 * Whoever this node learned of first keeps a name. A name is local knowledge: two nodes that learn of two claims in another order keep another
 * holder each, until one of the claimants gives way. Ids are keys: nobody claims another's id anywhere. Refusals come before the first write.
 */
@Injectable()
export class Admission {
  constructor(private readonly nodes: NodeRepository, private readonly parties: PartyRepository) {}

  /** Takes in what a node says about itself, unless it has said something later. @throws DomainTakenError where another node was known by the domain first. */
  async admitNode(node: AnnouncedNode, tx: Transaction): Promise<void> {
    const known = await this.nodes.find(node.nodeId, tx);
    if (known !== undefined && known.announcedSeq >= node.announcedSeq) return;
    const holder = await this.nodes.holderOf(node.domain, tx);
    if (holder !== undefined && holder !== node.nodeId) throw new DomainTakenError(node.domain, holder);
    await this.nodes.save(node, tx);
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
   * Takes in a party that a node announces.
   *
   * @throws ForeignStatementError where a node speaks for another; AwaitsCause until its node and its cooperative are known; the refusals of
   * domain/claims.
   */
  async admitAnnounced(claim: PartyClaim, issuer: string, tx: Transaction): Promise<void> {
    if (claim.homeNode !== issuer) throw new ForeignStatementError(claim.homeNode, issuer);
    const missing = await this.missingCause(claim, tx);
    if (missing !== undefined) throw new AwaitsCause(missing);
    await this.admitParty(claim, tx);
  }

  private async admitCooperative(claim: CooperativeClaim, tx: Transaction): Promise<Novelty> {
    const novelty = noveltyOfCooperative(claim, await this.parties.find(claim.did, tx));
    if (novelty === 'new') await this.parties.addCooperative(claim, tx);
    return novelty;
  }

  private async admitParticipant(claim: ParticipantClaim, tx: Transaction): Promise<Novelty> {
    checkMembership(claim, await this.parties.find(claim.cooperativeId, tx));
    const known = await this.parties.find(claim.did, tx);
    const novelty = noveltyOfParticipant(claim, known, await this.parties.holderOf(claim.handle, claim.homeNode, tx));
    if (novelty === 'new') await this.parties.addParticipant(claim, tx);
    return novelty;
  }

  /** What must be known before the claim can be judged, or undefined. */
  private async missingCause(claim: PartyClaim, tx: Transaction): Promise<string | undefined> {
    if (!(await this.nodes.isKnown(claim.homeNode, tx))) return causes.node(claim.homeNode);
    if (claim.kind === 'participant' && (await this.parties.find(claim.cooperativeId, tx)) === undefined) return causes.cooperative(claim.cooperativeId);
    return undefined;
  }
}
