import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';

const hasCode = (error: unknown, code: number): boolean => error instanceof JetStreamApiError && error.code === code;

/** True where the server says that there is no such stream. */
export const isStreamAbsent = (error: unknown): boolean => hasCode(error, JetStreamApiCodes.StreamNotFound);

/** True where the server says that there is no such consumer. */
export const isConsumerAbsent = (error: unknown): boolean => hasCode(error, JetStreamApiCodes.ConsumerNotFound);
