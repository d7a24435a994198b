import { Injectable } from '@nestjs/common';
import { invariant } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { NodeIdentity } from '../node-identity.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { credibilityOf } from './domain/credibility.js';
import { ExperienceRepository, type ChainAnswer, type Experience } from './experience.repository.js';
import { NodeRepository } from './node.repository.js';

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
    await this.experiences.weigh({ nodeId, chainId, participantId: null, answeredAfter: 0 }, tx);
    await this.recount(nodeId, 0, tx);
  }

  /** A node has agreed to an exchange, at this place of its log. */
  async answered(answer: ChainAnswer, tx: Transaction): Promise<void> {
    const { nodeId, chainId } = answer;
    if (this.own.isSelf(nodeId)) return;
    await this.nodes.add(nodeId, tx);
    await this.experiences.addAnswer(answer, tx);
    await this.experiences.weigh({ nodeId, chainId, participantId: null, answeredAfter: 0 }, tx);
    await this.recount(nodeId, 0, tx);
  }

  /** A node has attested a member. It may have done so before an exchange that has ended here by now. */
  async attested({ nodeId, participantId, entrySeq }: { nodeId: string; participantId: string; entrySeq: number }, tx: Transaction): Promise<void> {
    if (this.own.isSelf(nodeId)) return;
    await this.experiences.weigh({ nodeId, chainId: null, participantId, answeredAfter: entrySeq }, tx);
    await this.recount(nodeId, 1, tx);
  }

  /** Adds the evidence up. Where the node is credited otherwise than before, all whom it attested are reviewed. */
  private async recount(nodeId: string, received: number, tx: Transaction): Promise<void> {
    const node = await this.nodes.find(nodeId, tx);
    invariant(node !== undefined, 'a node that is credited is known');
    const { experiences, ...evidence } = await this.experiences.sum(nodeId, tx);
    const credibility = credibilityOf(evidence);
    if (received === 0 && credibility === node.credibility && experiences === node.experiences) return;
    await this.nodes.save({ ...node, credibility, experiences, attestationsReceived: node.attestationsReceived + received }, tx);
    await this.profiles.reviewAttested(nodeId, this.clock.now(), tx);
  }
}
