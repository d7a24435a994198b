import { JetStreamApiError, jetstreamManager, PersistMode, RetentionPolicy, StorageType, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
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

/** The server's word for a stream that exists with other settings. */
const EXISTS = 10_058;

/**
 * Creates the internal streams where they are missing. Safe to call from every service at once.
 *
 * FEDIN alone does not wait for the disk: it is a copy of what the database holds, and a lost tail is handed over again,
 * the same entries in the same places. Events and drafts exist nowhere else once they are marked published.
 */
export async function ensureStreams(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  for (const [name, subject] of Object.entries(STREAMS)) {
    const config: Partial<StreamConfig> = {
      subjects: [subject], storage: StorageType.File, retention: RetentionPolicy.Limits, max_age: 14 * DAY_NS, duplicate_window: 120 * 1e9,
      ...(name === 'FEDIN' && { persist_mode: PersistMode.Async }),
    };
    await addStream(manager, { ...config, name });
  }
}

/** A stream that was made by an older release stays as it is. */
async function addStream(manager: JetStreamManager, config: Partial<StreamConfig> & { readonly name: string }): Promise<void> {
  try {
    await manager.streams.add(config);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== EXISTS) throw error;
  }
}
