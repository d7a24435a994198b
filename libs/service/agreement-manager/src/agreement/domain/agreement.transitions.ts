import type { TransitionTable } from '@kula/kernel-primitives';

/** Draft is seen on one node only; from proposed on the terms never change. */
export type AgreementState = 'draft' | 'proposed' | 'active' | 'suspended' | 'terminated';

/** `complete`: the last party signed. `expire`: the agreed period is over. */
export type AgreementEvent = 'propose' | 'complete' | 'suspend' | 'resume' | 'terminate' | 'expire';

export const AGREEMENT_INITIAL: AgreementState = 'draft';

export const AGREEMENT_TRANSITIONS: TransitionTable<AgreementState, AgreementEvent> = {
  draft: { propose: 'proposed' },
  proposed: { complete: 'active', terminate: 'terminated', expire: 'terminated' },
  active: { suspend: 'suspended', terminate: 'terminated', expire: 'terminated' },
  suspended: { resume: 'active', terminate: 'terminated', expire: 'terminated' },
  terminated: {},
};
