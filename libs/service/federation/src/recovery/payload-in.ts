import type { EntryPayload } from '@kula/kernel-federation-log';

/** The payload of stored bytes. They were verified before they were stored. */
export function payloadIn(jws: string): EntryPayload {
  const [, payload = ''] = jws.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as EntryPayload;
}
