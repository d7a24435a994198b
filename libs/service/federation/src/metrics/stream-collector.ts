import { Injectable, type OnModuleInit } from '@nestjs/common';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, STREAMS, type StreamName } from '@kula/platform-messaging';
import { Metrics, type Show } from '@kula/platform-runtime';
import { LOG_STREAM, LogConnection } from '../streams/log-connection.js';
import { STREAM_BYTES } from './federation.metrics.js';

const FRESH_MS = 5_000;

/** Measures the streams of the node, in both accounts of its nats-server. */
@Injectable()
export class StreamCollector implements OnModuleInit {
  constructor(private readonly metrics: Metrics, private readonly logConnection: LogConnection, private readonly jetstream: JetStreamConnection) {}

  onModuleInit(): void {
    this.metrics.collect({ name: 'streams', of: [STREAM_BYTES], freshMs: FRESH_MS, read: (show) => this.read(show) });
  }

  private async read(show: Show): Promise<void> {
    const own = await jetstreamManager(this.jetstream.connection, { checkAPI: false });
    const names = Object.keys(STREAMS) as StreamName[];
    const [log, ...others] = await Promise.all([bytesOf(this.logConnection.manager, LOG_STREAM), ...names.map((name) => bytesOf(own, name))]);
    show(STREAM_BYTES, { stream: LOG_STREAM }, log);
    for (const [at, bytes] of others.entries()) show(STREAM_BYTES, { stream: names[at]! }, bytes);
  }
}

const bytesOf = async (manager: JetStreamManager, stream: string): Promise<number> => (await manager.streams.info(stream)).state.bytes;
