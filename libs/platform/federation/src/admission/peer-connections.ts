import type { Logger } from '@nestjs/common';
import { natsOptions } from '@kula/platform-messaging';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';

/** Connections of one peer at once: one works, one is being replaced, and some are dead and not noticed yet. */
const CONNECTIONS_MAX = 4;
const ANSWER_MS_MAX = 2_000;
const utf8 = new TextEncoder();

const listed = z.object({ data: z.object({
  server_id: z.string().regex(/^N[A-Z2-7]{55}$/),
  connections: z.array(z.object({ cid: z.int().positive(), authorized_user: z.string().optional(), account: z.string().optional() })).nullish(),
}) });
const ended = z.object({ error: z.object({}).optional() });

/** One connection at one nats-server. */
export interface PeerConnection {
  readonly server: string;
  readonly id: number;
}

const nameOf = ({ server, id }: PeerConnection): string => `${server} ${id}`;

/** The connections of peers at the nats-server, seen and ended through its system account. */
export class PeerConnections {
  private readonly admitted = new Map<string, readonly PeerConnection[]>();
  private system: NatsConnection | undefined;

  constructor(private readonly logger: Logger) {}

  /** Connects as the system user. @throws where the server refuses the key. */
  async open(natsUrl: string, systemNkeySeed: string): Promise<void> {
    this.system = await connect({ ...natsOptions(natsUrl, 'federation system'), noAsyncTraces: true, authenticator: nkeyAuthenticator(utf8.encode(systemNkeySeed)) });
  }

  async close(): Promise<void> {
    await this.system?.close();
    this.system = undefined;
  }

  /** Notes a connection that is being admitted. The fifth of a peer ends its first. */
  note(nodeId: string, connection: PeerConnection): void {
    const all = [...(this.admitted.get(nodeId) ?? []), connection];
    this.admitted.set(nodeId, all.slice(-CONNECTIONS_MAX));
    for (const surplus of all.slice(0, -CONNECTIONS_MAX)) this.end(surplus).catch((error: unknown) => this.complain(nodeId, error));
  }

  /**
   * Ends every connection of a peer: those the server lists, and those we let in so lately that it does not list them yet.
   * Answers how many there were. Never throws: a connection that could not be ended runs out with its token.
   */
  async drop(nodeId: string): Promise<number> {
    const noted = this.admitted.get(nodeId) ?? [];
    this.admitted.delete(nodeId);
    try {
      const all = new Map([...noted, ...await this.listed(nodeId)].map((connection) => [nameOf(connection), connection]));
      const answers = await Promise.all([...all.values()].map((connection) => this.end(connection)));
      return answers.filter((isEnded) => isEnded).length;
    } catch (error) {
      this.complain(nodeId, error);
      return 0;
    }
  }

  private async listed(nodeId: string): Promise<PeerConnection[]> {
    const { data } = listed.parse(await this.ask('$SYS.REQ.ACCOUNT.PEERS.CONNZ', { auth: true, user: nodeId }));
    return (data.connections ?? []).filter(({ authorized_user: user, account }) => user === nodeId && account === 'PEERS')
      .map(({ cid }) => ({ server: data.server_id, id: cid }));
  }

  /** False where the connection had ended already. */
  private async end({ server, id }: PeerConnection): Promise<boolean> {
    return ended.parse(await this.ask(`$SYS.REQ.SERVER.${server}.KICK`, { cid: id })).error === undefined;
  }

  private async ask(subject: string, request: object): Promise<unknown> {
    if (this.system === undefined) throw new Error('the system account is not connected');
    return (await this.system.request(subject, JSON.stringify(request), { timeout: ANSWER_MS_MAX })).json();
  }

  private complain(nodeId: string, error: unknown): void {
    this.logger.warn(`connections of ${nodeId} may last until their tokens run out: ${error instanceof Error ? error.message : String(error)}`);
  }
}
