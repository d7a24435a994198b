import { readCheckpoint, type Checkpoint } from '@kula/kernel-federation-log';
import { payloadIn } from '../recovery/payload-in.js';

/** What a stored checkpoint entry says; undefined where it is none that can be read. */
export const readStoredCheckpoint = ({ hash, jws }: { readonly hash: string; readonly jws: string }): Checkpoint | undefined =>
  readCheckpoint({ hash, payload: payloadIn(jws) });
