import { fromBase64url } from '@kula/kernel-crypto';
import { parseBoundedJson, readCheckpoint, type Checkpoint, type EntryPayload } from '@kula/kernel-federation-log';

/** What unverified bytes say their number is. */
export function claimOf(jws: string | undefined): Pick<EntryPayload, 'seq'> | undefined {
  const seq = payloadClaimed(jws)?.['seq'];
  return Number.isSafeInteger(seq) ? { seq: Number(seq) } : undefined;
}

/** What unverified bytes say as a checkpoint: enough to ask for so many entries, and to bound them. */
export function checkpointClaimed(jws: string): Pick<Checkpoint, 'seq' | 'liveCount'> | undefined {
  const payload = payloadClaimed(jws);
  if (payload === undefined || typeof payload['body'] !== 'object' || payload['body'] === null) return undefined;
  const checkpoint = readCheckpoint({ hash: '', payload: payload as unknown as EntryPayload });
  return checkpoint && Number.isSafeInteger(checkpoint.seq) ? checkpoint : undefined;
}

function payloadClaimed(jws: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const bytes = fromBase64url(jws?.split('.')[1] ?? '');
  const payload = bytes && parseBoundedJson(bytes);
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? { ...payload } : undefined;
}
