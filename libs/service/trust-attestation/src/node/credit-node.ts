import { Injectable } from '@nestjs/common';
import { invariant } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import { Clock, NodeIdentity } from '@kula/platform-runtime';
import { ProfileRepository } from '../profile/profile.repository.js';
import { credibilityOf, isInGoodStanding } from './domain/credibility.js';
import { ExperienceRepository, type ChainAnswer, type Experience } from './experience.repository.js';
import { NodeRepository, type CreditedNode } from './node.repository.js';

/** Place in a node's log before its first entry. */
const BEFORE_ALL = 0;

/** Moves what other nodes are credited with. The caller holds the node's record. */
@Injectable()
export class CreditNode {
  constructor(
    private readonly nodes: NodeRepository, private readonly experiences: ExperienceRepository, private readonly profiles: ProfileRepository,
    private readonly own: NodeIdentity, private readonly clock: Clock,
  ) {}

  /** An exchange with a member of another node has ended. */
  async experienced(experience: Experience, tx: Transaction): Promise<void> {
    const { nodeId, chainId } = experience;
    await this.nodes.add(nodeId, tx);
    await this.experiences.add(experience, tx);
    await this.experiences.weigh({ nodeId, chainId, participantId: null, answeredAfter: BEFORE_ALL }, tx);
    await this.recount(await this.known(nodeId, tx), tx);
  }

  /** A node has agreed to an exchange at a place of its log. The exchange may have ended here before we heard so. */
  async answered(answer: ChainAnswer, tx: Transaction): Promise<void> {
    const { nodeId, chainId } = answer;
    await this.experiences.addAnswer(answer, tx);
    const weighed = await this.experiences.weigh({ nodeId, chainId, participantId: null, answeredAfter: BEFORE_ALL }, tx);
    if (weighed > 0) await this.recount(await this.known(nodeId, tx), tx);
  }

  /** A node has attested a member at a place of its log. That may be before an exchange that has ended here by now. */
  async attested({ nodeId, participantId, entrySeq }: { nodeId: string; participantId: string; entrySeq: number }, tx: Transaction): Promise<void> {
    if (this.own.isSelf(nodeId)) return;
    await this.experiences.weigh({ nodeId, chainId: null, participantId, answeredAfter: entrySeq }, tx);
    const node = await this.known(nodeId, tx);
    await this.recount({ ...node, attestationsReceived: node.attestationsReceived + 1 }, tx);
  }

  private async known(nodeId: string, tx: Transaction): Promise<CreditedNode> {
    const node = await this.nodes.find(nodeId, tx);
    invariant(node !== undefined, 'a node with experiences or attestations is known');
    return node;
  }

  /** Adds the evidence up and saves. Where the node is credited otherwise than before, all whom it attested are reviewed. */
  private async recount(node: CreditedNode, tx: Transaction): Promise<void> {
    const { experiences, ...evidence } = await this.experiences.sum(node.nodeId, tx);
    const credibility = credibilityOf(evidence);
    await this.nodes.save({ ...node, credibility, experiences }, tx);
    const isCreditedAsBefore = credibility === node.credibility && isInGoodStanding(credibility, experiences) === node.isInGoodStanding;
    if (!isCreditedAsBefore) await this.profiles.reviewAttested(node.nodeId, this.clock.now(), tx);
  }
}
