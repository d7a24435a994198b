import type { cooperativeStatement, participantStatement } from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { isSignedByCooperative, isSignedByParticipant } from '@kula/platform-federation';
import { nodeEd25519 } from '@kula/platform-runtime';
import type { z } from 'zod';
import type { CooperativeClaim, ParticipantClaim } from './domain/claims.js';
import { BadSignatureError } from './domain/registry.errors.js';

type CooperativeStatement = z.infer<typeof cooperativeStatement>;
type ParticipantStatement = z.infer<typeof participantStatement>;

/** What a cooperative claims. @throws BadSignatureError unless its own key signed exactly this statement. */
export function cooperativeClaim(statement: CooperativeStatement, signature: string): CooperativeClaim {
  const signer = statement.cooperative_id;
  if (!isSignedByCooperative(nodeEd25519, { statement, signature })) throw new BadSignatureError(signer);
  return {
    kind: 'cooperative', did: signer, homeNode: statement.node_id, statementHash: hashDocument(statement), signature,
    madeAt: statement.made_at, name: statement.name, place: statement.place,
  };
}

/** What a participant claims. @throws BadSignatureError unless its own key signed exactly this statement. */
export function participantClaim(statement: ParticipantStatement, signature: string): ParticipantClaim {
  const signer = statement.participant_id;
  if (!isSignedByParticipant(nodeEd25519, { statement, signature })) throw new BadSignatureError(signer);
  return {
    kind: 'participant', did: signer, homeNode: statement.node_id, statementHash: hashDocument(statement), signature,
    madeAt: statement.made_at, cooperativeId: statement.cooperative_id, handle: statement.handle, displayName: statement.display_name,
  };
}
