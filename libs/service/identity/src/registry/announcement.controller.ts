import { Controller } from '@nestjs/common';
import { cooperativeAnnounced, nodeAnnounced, participantAnnounced, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import { Admission } from './admission.js';
import { ForeignStatementError } from './domain/registry.errors.js';

/** Announcements of this node and of others, all on one path. */
@Controller()
export class AnnouncementController {
  private readonly routes: readonly EntryRoute[];

  constructor(private readonly inbox: FederationInbox, admission: Admission) {
    this.routes = [
      onMessage(nodeAnnounced, async ({ issuer, seq, body }, tx) => {
        if (body.node_id !== issuer) throw new ForeignStatementError(body.node_id, issuer);
        const { name, domain, gateway_url: gatewayUrl, operator_id: operatorId } = body;
        await admission.admitNode({ nodeId: issuer, name, domain, gatewayUrl, operatorId, announcedSeq: seq }, tx);
      }),
      onMessage(cooperativeAnnounced, ({ issuer, seq, body: { statement, signature } }, tx) =>
        admission.admitAnnounced({ issuer, seq, type: 'cooperative.announced', body: { statement, signature } }, tx)),
      onMessage(participantAnnounced, ({ issuer, seq, body: { statement, signature } }, tx) =>
        admission.admitAnnounced({ issuer, seq, type: 'participant.announced', body: { statement, signature } }, tx)),
    ];
  }

  @OnFederated('announce')
  async announced(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('identity', entry, this.routes);
  }
}
