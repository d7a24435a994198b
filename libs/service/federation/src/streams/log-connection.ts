import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DiscardPolicy, jetstream, JetStreamApiError, jetstreamManager, PersistMode, RetentionPolicy, StorageType, type JetStreamClient, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { ENTRY_BYTES_MAX } from '@kula/kernel-federation-log';
import { natsOptions } from '@kula/platform-messaging';
import { isStreamAbsent } from './absence.js';
import { closeConnection } from './close-connection.js';

/** The stream that peers pull: entries in the order of their positions. */
export const LOG_STREAM = 'FEDLOG';
/** Three tokens: operations of this service have four and pass by. */
export const LOG_SUBJECTS = 'federation.*.*';
const HEADER_BYTES_MAX = 1_024;
/** The server's word for a bound that is larger than the room it has. */
const NO_ROOM = 10_047;
const BYTES_MIN = 64_000_000;
const DAY_NS = 24 * 3600 * 1e9;
const utf8 = new TextEncoder();

/** How much of the log the stream keeps: what is older, or beyond, peers ask for by its number. */
export interface StreamBounds {
  /** 0: whatever the bytes allow. */
  readonly retentionDays: number;
  readonly bytesMax: number;
}

/** Where the log's stream is. Without a seed, user and password stand in the address. */
export interface LogNats extends StreamBounds {
  readonly url: string;
  readonly nkeySeed?: string;
}

/** Connection to the account that holds the log, apart from the streams of the node. */
@Injectable()
export class LogConnection implements OnApplicationShutdown {
  private readonly logger = new Logger(LogConnection.name);
  private isBounded = false;

  private constructor(
    readonly connection: NatsConnection, readonly jetstream: JetStreamClient, readonly manager: JetStreamManager, private readonly bounds: StreamBounds,
  ) {}

  /** Connects, waiting for the server if need be. */
  static async open({ url, nkeySeed, ...bounds }: LogNats): Promise<LogConnection> {
    const connection = await connect({
      ...natsOptions(url, 'federation log'), noAsyncTraces: true, ...(nkeySeed !== undefined && { authenticator: nkeyAuthenticator(utf8.encode(nkeySeed)) }),
    });
    return new LogConnection(connection, jetstream(connection), await jetstreamManager(connection, { checkAPI: false }), bounds);
  }

  /**
   * The stream, made where it is missing. Nothing in it can be deleted or purged singly. It does not wait for the disk: the
   * database has every entry, and a lost tail is published again.
   *
   * @param edge last position before which positions may be missing: a stream that is made begins behind it.
   */
  async logStream(edge: number): Promise<StreamInfo> {
    const known = await this.knownStream();
    if (known !== undefined) return this.isBounded ? known : this.bound(known);
    const made = await this.withinRoom((max_bytes) => this.manager.streams.add({
      name: LOG_STREAM, subjects: [LOG_SUBJECTS], storage: StorageType.File, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old, max_age: this.maxAge, max_bytes,
      duplicate_window: 120e9, max_msg_size: ENTRY_BYTES_MAX + HEADER_BYTES_MAX, deny_delete: true, deny_purge: true, persist_mode: PersistMode.Async, ...(edge > 0 && { first_seq: edge + 1 }),
    }));
    this.isBounded = true;
    return made;
  }

  private get maxAge(): number { return this.bounds.retentionDays * DAY_NS; }

  private async knownStream(): Promise<StreamInfo | undefined> {
    try {
      return await this.manager.streams.info(LOG_STREAM);
    } catch (error) {
      if (!isStreamAbsent(error)) throw error;
      return undefined;
    }
  }

  /** Gives a stream that was made with other settings the bounds of today, once. */
  private async bound(known: StreamInfo): Promise<StreamInfo> {
    const { max_age: maxAge, max_bytes: maxBytes } = known.config;
    const isRight = maxAge === this.maxAge && maxBytes === this.bounds.bytesMax;
    const bounded = isRight ? known : await this.withinRoom((max_bytes) => this.manager.streams.update(LOG_STREAM, { ...known.config, max_age: this.maxAge, max_bytes }));
    this.isBounded = true;
    return bounded;
  }

  /** Asks for as many bytes as were wanted, or for half as often as the server has not so much room: a shorter stream only makes peers ask more often. */
  private async withinRoom(make: (bytesMax: number) => Promise<StreamInfo>): Promise<StreamInfo> {
    for (let bytes = this.bounds.bytesMax; ; bytes = Math.floor(bytes / 2)) {
      try {
        return await make(bytes);
      } catch (error) {
        if (!(error instanceof JetStreamApiError) || error.code !== NO_ROOM || bytes < 2 * BYTES_MIN) throw error;
        this.logger.warn(`the nats-server has no room for ${bytes} bytes of the log's stream: half as many are asked for`);
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await closeConnection(this.connection);
  }
}
