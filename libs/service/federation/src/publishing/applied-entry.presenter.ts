import type { AppliedEntry } from '@kula/contracts';
import { entryId, type EntryPayload } from '@kula/kernel-federation-log';
import type { StoredEntry } from '../log/entry-log.js';
import type { SequencedMessage } from '../streams/sequenced-writer.js';

/** The payload of stored bytes. They were verified before they were stored. */
function payloadOf(jws: string): EntryPayload {
  const [, payload = ''] = jws.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as EntryPayload;
}

/** Who signed an entry, for whom it is presented, and at which place of the stream. */
export interface Presentation {
  readonly issuerKey: string;
  readonly ownNodeId: string;
  readonly place: number;
}

/** An entry as the services of the node receive it. The place is part of the id: an entry handed over again is no duplicate to the server. */
export function presentApplied(entry: StoredEntry, { issuerKey, ownNodeId, place }: Presentation): SequencedMessage {
  const { issuer, seq, hash, topic, type, subject, ts } = entry;
  const applied: AppliedEntry = { issuer, seq, hash, topic, type, subject, ts, isOwn: issuer === ownNodeId, body: payloadOf(entry.jws).body, issuerKey };
  return { subject: `fedin.${topic}`, payload: JSON.stringify(applied), id: `${entryId(issuer, seq)}:${place}` };
}
