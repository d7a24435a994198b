import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { jetstream, jetstreamManager, RetentionPolicy, StorageType, type JetStreamClient, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { ENTRY_BYTES_MAX } from '@kula/kernel-federation-log';
import { natsOptions } from '@kula/platform-messaging';
import { isStreamAbsent } from './absence.js';
import { closeConnection } from './close-connection.js';

/** The stream that peers pull: entries in the order of their positions. */
export const LOG_STREAM = 'FEDLOG';
/** Three tokens: operations of this service have four and pass by. */
const LOG_SUBJECTS = 'federation.*.*';
const HEADER_BYTES_MAX = 1_024;
const DAY_NS = 24 * 3600 * 1e9;
const utf8 = new TextEncoder();

/** Connection to the account that holds the log, apart from the streams of the node. */
@Injectable()
export class LogConnection implements OnApplicationShutdown {
  private constructor(readonly connection: NatsConnection, readonly jetstream: JetStreamClient, readonly manager: JetStreamManager) {}

  /** Connects, waiting for the server if need be. */
  static async open({ url, nkeySeed }: { readonly url: string; readonly nkeySeed?: string }): Promise<LogConnection> {
    const connection = await connect({
      ...natsOptions(url, 'federation log'), noAsyncTraces: true, ...(nkeySeed !== undefined && { authenticator: nkeyAuthenticator(utf8.encode(nkeySeed)) }),
    });
    return new LogConnection(connection, jetstream(connection), await jetstreamManager(connection, { checkAPI: false }));
  }

  /** The stream, made where it is missing. Nothing in it can be deleted or purged singly. */
  async logStream(): Promise<StreamInfo> {
    try {
      return await this.manager.streams.info(LOG_STREAM);
    } catch (error) {
      if (!isStreamAbsent(error)) throw error;
    }
    return this.manager.streams.add({
      name: LOG_STREAM, subjects: [LOG_SUBJECTS], storage: StorageType.File, retention: RetentionPolicy.Limits, max_age: 30 * DAY_NS,
      duplicate_window: 120e9, max_msg_size: ENTRY_BYTES_MAX + HEADER_BYTES_MAX, deny_delete: true, deny_purge: true,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await closeConnection(this.connection);
  }
}
