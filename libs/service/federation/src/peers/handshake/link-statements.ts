import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { fromBase64url, signDocument, signingBytes, type Json } from '@kula/kernel-crypto';
import { MalformedMessageError } from '@kula/platform-messaging';
import { Clock, nodeEd25519 } from '@kula/platform-runtime';
import type { z } from 'zod';
import { OwnNode } from '../../own-node.js';
import type { OwedWord, PeerWord } from '../domain/peer.js';
import { AddressRefusedError, BadSignatureError, StatementNotForUsError, StatementTooOldError } from '../domain/peer.errors.js';
import { refuseLiteral } from './dialled-addresses.js';
import { KeyHistory } from './key-history.js';

export type SignedStatement = z.output<typeof federation.signedLinkStatement>;

const DOMAIN = 'sep/link-request/v1';
/** How far the clocks of two nodes may be apart, with the way in between. */
const AGE_MS_MAX = 10 * 60_000;

/** How peers reach this node. */
export class OwnReach {
  constructor(
    /** Address of the nats-server as peers dial it, without credentials. */
    readonly natsUrl: string,
    /** PEM of the authority that vouches for its certificate; null: one that machines trust anyway, or no TLS. */
    readonly tlsCa: string | null,
  ) {}

  /** Peers must come encrypted. */
  get isEncrypted(): boolean { return this.natsUrl.startsWith('tls:') || this.tlsCa !== null; }
}

/** Makes the signed statements of this node about links, and checks those of others. */
@Injectable()
export class LinkStatements {
  constructor(private readonly own: OwnNode, private readonly reach: OwnReach, private readonly keys: KeyHistory, private readonly clock: Clock) {}

  /** What this node says to another, signed now. */
  async make(toNode: string, answer: OwedWord, publicNkey: string): Promise<SignedStatement> {
    const keyEntries = await this.keys.ownEntries();
    const { name, gateway_url } = this.own.announcement;
    const statement = {
      from_node: this.own.nodeId, to_node: toNode, name, gateway_url, nats_url: this.reach.natsUrl, tls_ca: this.reach.tlsCa, nkey: publicNkey, answer,
      made_at: this.clock.now().toISOString(),
    };
    return { statement, signature: signDocument(nodeEd25519, this.own.sealer.privateKey, DOMAIN, statement), ...(keyEntries.length > 0 && { keyEntries }) };
  }

  /**
   * What another node says, as its own word to this node and of now.
   *
   * Its newest key counts, as its log is held here or as it shows itself; where neither is, the key its id is made of.
   * @throws BadSignatureError, StatementNotForUsError, StatementTooOldError, MalformedMessageError for an address nobody dials, in this order.
   */
  async check({ statement, signature, keyEntries = [] }: SignedStatement): Promise<PeerWord> {
    const { from_node: nodeId, to_node, made_at, ...said } = statement;
    const key = await this.keys.newestKey(nodeId, keyEntries);
    const bytes = fromBase64url(signature);
    if (key === undefined || bytes?.length !== 64 || !nodeEd25519.verify(key, signingBytes(DOMAIN, statement as Json), bytes)) throw new BadSignatureError();
    if (to_node !== this.own.nodeId) throw new StatementNotForUsError(this.own.nodeId);
    const madeAt = new Date(made_at);
    if (Math.abs(this.clock.now().getTime() - madeAt.getTime()) > AGE_MS_MAX) throw new StatementTooOldError('the statement was not made within the last ten minutes');
    refuseAddress(said.gateway_url, '/statement/gateway_url');
    refuseAddress(said.nats_url, '/statement/nats_url');
    return { nodeId, answer: said.answer, name: said.name, gatewayUrl: said.gateway_url, natsUrl: said.nats_url, tlsCa: said.tls_ca, nkey: said.nkey, madeAt };
  }
}

function refuseAddress(url: string, pointer: string): void {
  try {
    refuseLiteral(url);
  } catch (error) {
    if (!(error instanceof AddressRefusedError)) throw error;
    throw new MalformedMessageError([{ pointer, detail: error.message }]);
  }
}
