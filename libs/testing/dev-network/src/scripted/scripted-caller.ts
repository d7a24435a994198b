import { createUser, fromSeed } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';

/** An NKey of a user: the seed stays with whoever dials, the public half stands in the peers file of whoever is dialled. */
export interface LinkKey {
  readonly seed: Uint8Array;
  readonly publicNkey: string;
}

/** A new key for dialling a node. */
export function newLinkKey(): LinkKey {
  const seed = createUser().getSeed();
  return { seed, publicNkey: fromSeed(seed).getPublicKey() };
}

/** Where a node is dialled: `DevNode.door`. */
interface Door {
  readonly natsUrl: string;
  readonly certificate: string;
}

/** A peer that a test plays, connected to a node as peers are. */
export class ScriptedCaller {
  private constructor(private readonly connection: NatsConnection, private readonly nodeId: string) {}

  /** Dials a node that lists the key. @throws while the node does not know it. */
  static async dial({ natsUrl, certificate }: Door, nodeId: string, { seed }: LinkKey): Promise<ScriptedCaller> {
    const authenticator = nkeyAuthenticator(seed);
    return new ScriptedCaller(await connect({ servers: natsUrl, tls: { ca: certificate }, authenticator, inboxPrefix: `_INBOX_${nodeId}`, reconnect: false }), nodeId);
  }

  /** The node's answer, as it came. */
  async ask(verb: string, request: object): Promise<unknown> {
    return (await this.connection.request(`fedapi.${verb}.${this.nodeId}`, JSON.stringify(request), { timeout: 10_000 })).json();
  }

  /** Asks so many times without waiting for answers, all on one subject. Resolves when the node's server has taken them. */
  async flood(verb: string, request: object, count: number): Promise<void> {
    const text = JSON.stringify(request);
    const reply = `_INBOX_${this.nodeId}.flood`;
    for (let sent = 0; sent < count && !this.connection.isClosed(); sent += 1) {
      this.connection.publish(`fedapi.${verb}.${this.nodeId}`, text, { reply });
      if (sent % 500 === 0) await this.connection.flush();
    }
    await this.connection.flush();
  }

  async close(): Promise<void> { await this.connection.close(); }
}
