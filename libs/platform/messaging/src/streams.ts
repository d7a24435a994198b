import { jetstreamManager, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** The internal streams of a node: events, drafts on their way to the sealer, verified entries on their way to the services. */
export const STREAMS = {
  EVT: 'evt.>',
  FEDOUT: 'fedout.>',
  FEDIN: 'fedin.>',
} as const;

export type StreamName = keyof typeof STREAMS;

const DAY_NS = 24 * 3600 * 1e9;

/** The stream that carries a subject. */
export function streamOf(subject: string): StreamName {
  if (subject.startsWith('evt.')) return 'EVT';
  if (subject.startsWith('fedout.')) return 'FEDOUT';
  if (subject.startsWith('fedin.')) return 'FEDIN';
  throw new TypeError(`no stream carries ${subject}`);
}

/** Creates the internal streams where they are missing. Safe to call from every service at once. */
export async function ensureStreams(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  for (const [name, subject] of Object.entries(STREAMS)) {
    const config: Partial<StreamConfig> = {
      subjects: [subject], storage: StorageType.File, retention: RetentionPolicy.Limits, max_age: 14 * DAY_NS, duplicate_window: 120 * 1e9,
    };
    await manager.streams.add({ ...config, name });
  }
}
