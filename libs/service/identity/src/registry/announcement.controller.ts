import { Controller } from '@nestjs/common';
import { cooperativeAnnounced, nodeAnnounced, participantAnnounced, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, OnFederated, onMessage, type EntryRoute } from '@kula/platform-federation';
import { Admission, causes } from './admission.js';
import { ForeignStatementError } from './domain/registry.errors.js';
import { cooperativeClaim, participantClaim } from './statements.js';

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
      }, (body) => [causes.node(body.node_id)]),
      onMessage(cooperativeAnnounced, async ({ issuer, body: { statement, signature } }, tx) =>
        admission.admitAnnounced(cooperativeClaim(statement, signature), issuer, tx), ({ statement }) => [causes.cooperative(statement.cooperative_id)]),
      onMessage(participantAnnounced, async ({ issuer, body: { statement, signature } }, tx) =>
        admission.admitAnnounced(participantClaim(statement, signature), issuer, tx)),
    ];
  }

  @OnFederated('announce')
  async announced(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('identity', entry, this.routes);
  }
}
