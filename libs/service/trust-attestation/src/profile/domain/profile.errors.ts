import { DomainError } from '@kula/kernel-primitives';

export class ParticipantUnknownError extends DomainError<'trust.participant_unknown'> {
  override readonly name = 'ParticipantUnknownError';
  readonly code = 'trust.participant_unknown';
  constructor(participantId: string) { super(`no node has announced ${participantId}`, { participantId }); }
}
