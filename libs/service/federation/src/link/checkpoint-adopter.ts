import type { PeerSession } from './peer-session.js';

/** Takes over a checkpoint in place of entries that are kept no longer. */
export abstract class CheckpointAdopter {
  /**
   * Checks the checkpoint entry and fetches the live entries below it. Answers true where the issuer's log now begins with it.
   *
   * False where the checkpoint or what the session gives does not hold: another peer may give better.
   */
  abstract adopt(issuer: string, checkpointJws: string, session: PeerSession): Promise<boolean>;
}

/** Takes over nothing. */
export class NoCheckpointAdopter extends CheckpointAdopter {
  override async adopt(): Promise<boolean> {
    return false;
  }
}
