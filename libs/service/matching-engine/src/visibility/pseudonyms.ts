import { createHmac } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { canonicalJson, type Json } from '@kula/kernel-crypto';
import { invariant } from '@kula/kernel-primitives';
import { DataSource } from 'typeorm';

/** Names that stand for participants and their listings and tell nothing to whoever lacks this node's secret. */
@Injectable()
export class Pseudonyms implements OnModuleInit {
  private secret: string | undefined;

  constructor(private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    const [row] = await this.dataSource.query<{ secret: string }[]>('SELECT secret FROM node_secret');
    this.secret = row?.secret;
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
    invariant(this.secret !== undefined, 'the migration has made the secret of the node');
    return createHmac('sha256', this.secret).update(`${purpose}\0${canonicalJson(document)}`).digest('base64url');
  }
}
