import { createHmac } from 'node:crypto';
import { canonicalJson, type Json } from '@kula/kernel-crypto';
import { invariant } from '@kula/kernel-primitives';
import type { DataSource } from 'typeorm';

/** Names that stand for participants and their listings and tell nothing to whoever lacks this node's secret. */
export class Pseudonyms {
  private constructor(private readonly secret: string) {}

  /** Reads the secret, before anybody can ask for anything that needs it. */
  static async open(dataSource: DataSource): Promise<Pseudonyms> {
    const [row] = await dataSource.query<{ secret: string }[]>('SELECT secret FROM node_secret');
    invariant(row !== undefined, 'the migration has made the secret of the node');
    return new Pseudonyms(row.secret);
  }

  /** The reference of a participant: the same for all of its listings. */
  refOf(participantId: string): string {
    return `p-${this.hidden('participant', { participant_id: participantId })}`;
  }

  /**
   * The id of a listing whose participant is not to be told by it.
   *
   * A plain hash would give the participant away: ids of participants are public and references are easily guessed.
   */
  listingIdOf(participantId: string, reference: string): string {
    return `l-${this.hidden('listing', { participant_id: participantId, reference })}`;
  }

  /** HMAC-SHA-256 for one purpose, base64url. */
  private hidden(purpose: string, document: Json): string {
    return createHmac('sha256', this.secret).update(`${purpose}\0${canonicalJson(document)}`).digest('base64url');
  }
}
