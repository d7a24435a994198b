import { isStreamAbsent } from '../streams/absence.js';
import { LOG_STREAM, type LogConnection } from '../streams/log-connection.js';

/**
 * Takes the stream that peers read away, to be made again and filled from the database.
 *
 * The new one has another epoch: pullers begin again and compare what they hold by hash.
 */
export async function beginEpoch({ manager }: LogConnection): Promise<void> {
  try {
    await manager.streams.delete(LOG_STREAM);
  } catch (error) {
    if (!isStreamAbsent(error)) throw error;
  }
}
