import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { jetstream, type JetStreamClient, type PubAck } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { natsOptions } from './nats-options.js';
import { ensureStreams } from './streams.js';

/** One service's connection to the node's JetStream: publishes with a message id, hands out the client for consumers. */
@Injectable()
export class JetStreamConnection implements OnApplicationShutdown {
  private constructor(readonly connection: NatsConnection, readonly client: JetStreamClient) {}

  /** Connects, waiting for the server if need be, and makes sure the node's streams exist. */
  static async open(natsUrl: string, name: string): Promise<JetStreamConnection> {
    const connection = await connect(natsOptions(natsUrl, `${name} events`));
    await ensureStreams(connection);
    return new JetStreamConnection(connection, jetstream(connection));
  }

  /** Publishes and resolves when the server has stored it. Repeating a message id inside the window stores it once. */
  async publish(subject: string, payload: string, messageId: string): Promise<PubAck> {
    return this.client.publish(subject, payload, { msgID: messageId, timeout: 5_000 });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
