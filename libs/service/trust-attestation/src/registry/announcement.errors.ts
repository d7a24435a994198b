import { DomainError } from '@kula/kernel-primitives';

/** A node announces itself under another id, or a participant that did not sign for this node. */
export class ForgedAnnouncementError extends DomainError<'trust.forged_announcement'> {
  override readonly name = 'ForgedAnnouncementError';
  readonly code = 'trust.forged_announcement';
  constructor(announced: string, issuer: string) { super(`${announced} did not sign for node ${issuer}`, { announced, issuer }); }
}

/** The participant lives on the node that announced it first. */
export class ParticipantElsewhereError extends DomainError<'trust.participant_elsewhere'> {
  override readonly name = 'ParticipantElsewhereError';
  readonly code = 'trust.participant_elsewhere';
  constructor(participantId: string, homeNode: string) { super(`${participantId} lives on node ${homeNode}`, { participantId, homeNode }); }
}
