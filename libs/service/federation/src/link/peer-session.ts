import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { JsMsg } from '@nats-io/jetstream';
import { openAnswer, PEER_API, peerRefusal, rangeAnswer, type OpenAnswer, type OpenRequest, type RangeAnswer, type RangeRequest } from '@kula/contracts';
import { natsOptions } from '@kula/platform-messaging';
import type { z } from 'zod';
import { refuseHost } from '../peers/handshake/dialled-addresses.js';
import type { Peer } from '../peers/peer-directory.js';
import { closeConnection } from '../streams/close-connection.js';
import { follow } from '../streams/follow.js';
import { PeerAnswerError } from './link.errors.js';

const DIAL_MS_MAX = 5_000;
const ANSWER_MS_MAX = 10_000;
const utf8 = new TextEncoder();

/** One connection to a peer's nats-server. Ends with the connection: the next attempt is another session. */
export class PeerSession {
  private constructor(private readonly connection: NatsConnection, readonly peer: Peer, private readonly ownNodeId: string) {}

  /** Dials the peer and proves who we are. */
  static async dial(peer: Peer, ownNodeId: string): Promise<PeerSession> {
    const { natsUrl = '', nkeySeed, inboxPrefix = `_INBOX_${ownNodeId}`, tls } = peer;
    await refuseHost(natsUrl);
    const connection = await connect({
      ...natsOptions(natsUrl, `link of ${ownNodeId.slice(0, 12)}`), reconnect: false, waitOnFirstConnect: false, timeout: DIAL_MS_MAX, inboxPrefix,
      ...(nkeySeed !== undefined && { authenticator: nkeyAuthenticator(utf8.encode(nkeySeed)) }),
      ...(tls !== undefined && { tls: filesOf(tls) }),
    });
    return new PeerSession(connection, peer, ownNodeId);
  }

  /** Asks for a consumer at a place of the peer's stream. */
  async open(request: OpenRequest): Promise<OpenAnswer> {
    const answer = await this.ask(PEER_API.open, request, openAnswer);
    if (answer.consumer !== `p_${this.ownNodeId}`) throw new PeerAnswerError('the peer offers the consumer of another node');
    return answer;
  }

  /** Entries of a range, as many as the peer gives at once. */
  async range(request: RangeRequest): Promise<RangeAnswer> {
    return this.ask(PEER_API.range, request, rangeAnswer);
  }

  /** Takes what the opened consumer delivers until the signal is given. @throws as `follow`. */
  async follow(
    { stream, consumer, messagesMax }: OpenAnswer & { readonly messagesMax?: number }, take: (batch: readonly JsMsg[]) => Promise<void>, signal: AbortSignal,
  ): Promise<void> {
    const source = { connection: this.connection, apiPrefix: this.peer.apiPrefix, stream, consumer, ...(messagesMax !== undefined && { messagesMax }) };
    await follow(source, take, signal);
  }

  async close(): Promise<void> {
    await closeConnection(this.connection);
  }

  /** Asks one verb of the peer API. @throws PeerAnswerError where the peer refuses or answers something else. */
  async ask<Answer extends z.ZodType>(verb: string, request: object, schema: Answer): Promise<z.output<Answer>> {
    const message = await this.connection.request(`${verb}.${this.ownNodeId}`, JSON.stringify(request), { timeout: ANSWER_MS_MAX });
    const answer = jsonOf(message.data);
    const refusal = peerRefusal.safeParse(answer);
    if (refusal.success) throw new PeerAnswerError(`the peer refuses: ${refusal.data.refused}: ${refusal.data.detail}`, refusal.data.refused);
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw new PeerAnswerError(`the peer's answer to ${verb} has the wrong form`);
    return parsed.data;
  }
}

function filesOf({ ca, caFile, certFile, keyFile }: NonNullable<Peer['tls']>) {
  return { ...(ca !== undefined && { ca }), ...(caFile !== undefined && { caFile }), ...(certFile !== undefined && { certFile }), ...(keyFile !== undefined && { keyFile }) };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Whatever is no JSON is no answer, which the schema says.
    return undefined;
  }
}
