import type { cooperativeAnnounced, participantAnnounced } from '@kula/contracts';
import { verifyDocument, type Ed25519 } from '@kula/kernel-crypto';
import type { z } from 'zod';

type CooperativeAnnouncement = Pick<z.output<typeof cooperativeAnnounced.body>, 'statement' | 'signature'>;
type ParticipantAnnouncement = Pick<z.output<typeof participantAnnounced.body>, 'statement' | 'signature'>;

/** True only where the cooperative's own key signed exactly this statement. For which node it speaks is the caller's to compare. Never throws. */
export function isSignedByCooperative(ed25519: Ed25519, { statement, signature }: CooperativeAnnouncement): boolean {
  return verifyDocument(ed25519, { signer: statement.cooperative_id, domain: 'sep/cooperative/v1', document: statement, signature });
}

/** True only where the participant's own key signed exactly this statement. For which node it speaks is the caller's to compare. Never throws. */
export function isSignedByParticipant(ed25519: Ed25519, { statement, signature }: ParticipantAnnouncement): boolean {
  return verifyDocument(ed25519, { signer: statement.participant_id, domain: 'sep/participant/v1', document: statement, signature });
}
