import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';

/** What matching assumes of a participant. */
export interface Standing {
  readonly participantId: string;
  /** Millionths. */
  readonly standing: number;
  readonly tier: string;
  /** Rises with every change. */
  readonly version: number;
}

/** The standing of each participant, known here or not by listings. */
@Injectable()
export class StandingRepository {
  /** Keeps the standing, unless a later one is known. */
  async save({ participantId, standing, tier, version }: Standing, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO standing (participant_id, standing, tier, version) VALUES ($1, $2, $3, $4)
       ON CONFLICT (participant_id) DO UPDATE SET standing = $2, tier = $3, version = $4 WHERE standing.version < $4`,
      [participantId, standing, tier, version],
    );
  }
}
