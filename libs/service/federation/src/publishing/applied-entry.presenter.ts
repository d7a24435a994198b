import type { AppliedEntry } from '@kula/contracts';
import { entryId, type EntryPayload } from '@kula/kernel-federation-log';
import type { StoredEntry } from '../log/entry-log.js';
import type { SequencedMessage } from '../streams/sequenced-writer.js';

/** The payload of stored bytes. They were verified before they were stored. */
function payloadOf(jws: string): EntryPayload {
  const [, payload = ''] = jws.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as EntryPayload;
}

/** An entry as the services of the node receive it. */
export function presentApplied(entry: StoredEntry, issuerKey: string, ownNodeId: string): SequencedMessage {
  const { issuer, seq, hash, topic, type, subject, ts } = entry;
  const applied: AppliedEntry = { issuer, seq, hash, topic, type, subject, ts, isOwn: issuer === ownNodeId, body: payloadOf(entry.jws).body, issuerKey };
  return { subject: `fedin.${topic}`, payload: JSON.stringify(applied), id: entryId(issuer, seq) };
}
