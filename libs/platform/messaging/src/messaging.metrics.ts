import { counter, gauge, histogram } from '@kula/platform-runtime';

/** Operations and consumers of one service: as many as its controllers declare. */
const SUBJECTS_MAX = 200;

/** What a service is asked. */
export const OPERATION_DURATION = histogram({
  name: 'kula_operation_duration_seconds', labels: { subject: SUBJECTS_MAX, outcome: ['answered', 'refused', 'unavailable', 'failed'] },
  help: 'How long operations of the service took, by subject and by how they ended: failed means a bug, unavailable that something it needs was away.',
});

export const DELIVERY_DURATION = histogram({
  name: 'kula_delivery_duration_seconds', help: 'How long the service worked on one attempt at a message of a stream.', labels: { subject: SUBJECTS_MAX },
});

export const DELIVERIES = counter({
  name: 'kula_deliveries_total', labels: { subject: SUBJECTS_MAX, outcome: ['handled', 'retried', 'unavailable', 'set_aside'] },
  help: 'Attempts at messages of streams: retried ones failed and come again, set aside ones failed too often.',
});

export const CONSUMER_PENDING = gauge({
  name: 'kula_consumer_pending_messages', help: 'Messages in a stream that the service has not been given yet.', labels: { subject: SUBJECTS_MAX },
});

export const CONSUMER_UNSETTLED = gauge({
  name: 'kula_consumer_unsettled_messages', help: 'Messages that were given to the service and not acknowledged yet.', labels: { subject: SUBJECTS_MAX },
});

export const CONSUMER_REDELIVERED = gauge({
  name: 'kula_consumer_redelivered_messages', help: 'Messages not acknowledged yet that were given more than once.', labels: { subject: SUBJECTS_MAX },
});

export const MESSAGING_METRICS = [OPERATION_DURATION, DELIVERY_DURATION, DELIVERIES, CONSUMER_PENDING, CONSUMER_UNSETTLED, CONSUMER_REDELIVERED] as const;
