import { Controller } from '@nestjs/common';
import { federation, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { ActOnPeer } from './act-on-peer.js';
import { AdmitIssuer } from './admit-issuer.js';
import { FindPeers } from './find-peers.query.js';
import { ReceiveStatement } from './handshake/receive-statement.js';
import { RequestLink } from './handshake/request-link.js';
import { PreviewAction } from './preview-action.js';

type Input<Of extends { readonly input: z.ZodType }> = z.output<Of['input']>;
type Output<Of extends { readonly output: z.ZodType }> = z.output<Of['output']>;

/** What operators do with peers, and what other nodes say about links. */
@Controller()
export class PeersController {
  constructor(
    private readonly peers: FindPeers, private readonly requestLink: RequestLink, private readonly admitIssuer: AdmitIssuer,
    private readonly statements: ReceiveStatement, private readonly act: ActOnPeer, private readonly preview: PreviewAction,
  ) {}

  @Operation(federation.listPeers)
  async list(input: Input<typeof federation.listPeers>): Promise<Output<typeof federation.listPeers>> {
    return this.peers.page(input);
  }

  @Operation(federation.getPeer)
  async get({ nodeId }: Input<typeof federation.getPeer>): Promise<Output<typeof federation.getPeer>> {
    return this.peers.one(nodeId);
  }

  @Operation(federation.requestLink)
  async request(input: Input<typeof federation.requestLink>): Promise<Output<typeof federation.requestLink>> {
    return this.peers.one(await this.requestLink.handle(input));
  }

  @Operation(federation.admitIssuer)
  async admit(input: Input<typeof federation.admitIssuer>): Promise<Output<typeof federation.admitIssuer>> {
    await this.admitIssuer.handle(input);
    return this.peers.one(input.nodeId);
  }

  @Operation(federation.receiveLinkStatement)
  async receive(input: Input<typeof federation.receiveLinkStatement>): Promise<Output<typeof federation.receiveLinkStatement>> {
    return this.statements.handle(input);
  }

  @Operation(federation.actOnPeer)
  async actOn(input: Input<typeof federation.actOnPeer>): Promise<Output<typeof federation.actOnPeer>> {
    const before = await this.peers.one(input.nodeId);
    await this.act.handle(input);
    // What is forgotten is shown as it was: it is not there any more.
    return input.action === 'forget' ? before : this.peers.one(input.nodeId);
  }

  @Operation(federation.previewAction)
  async measure(input: Input<typeof federation.previewAction>, meta: RequestMeta): Promise<Output<typeof federation.previewAction>> {
    return this.preview.handle(input, meta);
  }
}
