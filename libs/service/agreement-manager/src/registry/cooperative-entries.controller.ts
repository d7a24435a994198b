import { Controller } from '@nestjs/common';
import { cooperativeAnnounced, type AppliedEntry } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import { FederationInbox, isSignedByCooperative, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import { nodeEd25519 } from '@kula/platform-runtime';
import { CooperativeRepository } from './cooperative.repository.js';

/** The announcement was not made by the cooperative for the node that published it. */
export class ForgedAnnouncementError extends DomainError<'agreement.forged_announcement'> {
  override readonly name = 'ForgedAnnouncementError';
  readonly code = 'agreement.forged_announcement';
}

/** Learns from announcements which node hosts which cooperative. */
@Controller()
export class CooperativeEntriesController {
  private readonly routes: readonly EntryRoute[] = [
    onMessage(cooperativeAnnounced, async ({ issuer, body }, tx) => {
      const { cooperative_id: cooperativeId, node_id: nodeId } = body.statement;
      if (!isSignedByCooperative(nodeEd25519, body) || nodeId !== issuer) throw new ForgedAnnouncementError(`${cooperativeId} did not sign for node ${issuer}`);
      await this.cooperatives.add(cooperativeId, issuer, tx);
    }),
  ];

  constructor(private readonly inbox: FederationInbox, private readonly cooperatives: CooperativeRepository) {}

  @OnFederated('announce')
  async apply(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('announce', entry, this.routes);
  }
}
