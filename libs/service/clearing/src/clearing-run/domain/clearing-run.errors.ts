import { DomainError } from '@kula/kernel-primitives';

export class RunExistsError extends DomainError<'clearing.run_exists'> {
  override readonly name = 'RunExistsError';
  readonly code = 'clearing.run_exists';
  constructor(runId: string) { super(`run ${runId} exists, and is another`, { runId }); }
}

export class RunInProgressError extends DomainError<'clearing.run_in_progress'> {
  override readonly name = 'RunInProgressError';
  readonly code = 'clearing.run_in_progress';
  constructor(runId: string) { super(`run ${runId} of this agreement is in progress`, { runId }); }
}

export class NothingToClearError extends DomainError<'clearing.nothing_to_clear'> {
  override readonly name = 'NothingToClearError';
  readonly code = 'clearing.nothing_to_clear';
  constructor(agreementId: string) { super(`agreement ${agreementId} has no confirmed obligation that is open`, { agreementId }); }
}

export class RunUnknownError extends DomainError<'clearing.run_unknown'> {
  override readonly name = 'RunUnknownError';
  readonly code = 'clearing.run_unknown';
  constructor(runId: string) { super(`no clearing run ${runId} is known here`, { runId }); }
}

export class OtherResultError extends DomainError<'clearing.other_result'> {
  override readonly name = 'OtherResultError';
  readonly code = 'clearing.other_result';
  constructor(runId: string) { super(`these are not the hashes of the result of run ${runId}`, { runId }); }
}

export class WrongRunStateError extends DomainError<'clearing.wrong_state'> {
  override readonly name = 'WrongRunStateError';
  readonly code = 'clearing.wrong_state';
  constructor(state: string, reason: string) { super(`the run is ${state}: ${reason}`, { state }); }
}
