import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { attestedSatisfaction, type AttestationDocument } from './attestation-document.js';

/** A stored attestation and its place in the order of arrival. */
export interface StoredAttestation {
  readonly position: string;
  readonly document: AttestationDocument;
}

/** Attestations as they were received, own ones included. They are never changed. */
@Injectable()
export class AttestationRepository {
  /** The attestation a node issued under an id, or undefined. */
  async find(issuingNode: string, attestationId: string, tx: Transaction): Promise<AttestationDocument | undefined> {
    const [row] = await tx.query<StoredAttestation[]>('SELECT document FROM attestation WHERE issuing_node = $1 AND attestation_id = $2', [issuingNode, attestationId]);
    return row?.document;
  }

  /** The last attestation in its issuer's log about a participant that is valid at that time, or undefined. */
  async latest(participantId: string, issuingNode: string, at: Date, tx: Transaction): Promise<AttestationDocument | undefined> {
    const [row] = await tx.query<StoredAttestation[]>(
      `SELECT document FROM attestation WHERE participant_id = $1 AND issuing_node = $2 AND expires_at > $3 ORDER BY entry_seq DESC LIMIT 1`, [participantId, issuingNode, at],
    );
    return row?.document;
  }

  /** Newest first, at most `limit` + 1, before a position. */
  async list({ participantId, before, limit }: { participantId: string; before: string | null; limit: number }, tx: Transaction): Promise<StoredAttestation[]> {
    return tx.query<StoredAttestation[]>(
      `SELECT position, document FROM attestation WHERE participant_id = $1 AND ($2::bigint IS NULL OR position < $2) ORDER BY position DESC LIMIT $3`,
      [participantId, before, limit + 1],
    );
  }

  /** Stores an attestation with its place in the issuer's log. */
  async add(document: AttestationDocument, entrySeq: number, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO attestation (issuing_node, attestation_id, entry_seq, participant_id, satisfaction, expires_at, document) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [document.issuing_node, document.attestation_id, entrySeq, document.participant_id, attestedSatisfaction(document), new Date(document.expires_at), JSON.stringify(document)],
    );
  }
}
