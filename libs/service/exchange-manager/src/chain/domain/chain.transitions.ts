import { nextState, type TransitionTable } from '@kula/kernel-primitives';
import type { AbortReason, Chain, Leg } from './chain.types.js';
import { WrongStateError } from './chain.errors.js';
import { homeNodesOf, membersOf } from './terms.js';

export type ChainState = 'proposed' | 'confirming' | 'consented' | 'held' | 'executing' | 'completed' | 'aborted' | 'failed';
export type ChainEvent = 'validate' | 'consent' | 'hold' | 'commit' | 'abort' | 'complete' | 'fail';

export const CHAIN_INITIAL: ChainState = 'proposed';

/**
 * The life of a replica. `hold` may come early: the certificate proves the consents that have not reached this node by
 * themselves. Nothing leads back, and nothing leads from executing to aborted.
 */
export const CHAIN_TRANSITIONS: TransitionTable<ChainState, ChainEvent> = {
  proposed: { validate: 'confirming', hold: 'held', abort: 'aborted' },
  confirming: { consent: 'consented', hold: 'held', abort: 'aborted' },
  consented: { hold: 'held', abort: 'aborted' },
  held: { commit: 'executing', abort: 'aborted' },
  executing: { complete: 'completed', fail: 'failed' },
  completed: {},
  aborted: {},
  failed: {},
};

export type LegState = 'agreed' | 'started' | 'delivered' | 'fulfilled' | 'disputed';
export type LegEvent = 'start' | 'deliver' | 'fulfil' | 'dispute';

export const LEG_INITIAL: LegState = 'agreed';

/** The life of a leg while its chain executes. */
export const LEG_TRANSITIONS: TransitionTable<LegState, LegEvent> = {
  agreed: { start: 'started' },
  started: { deliver: 'delivered' },
  delivered: { fulfil: 'fulfilled', dispute: 'disputed' },
  fulfilled: {},
  disputed: {},
};

/** The chain after an event. @throws WrongStateError where the table has no such transition. */
export function afterEvent(chain: Chain, event: ChainEvent): Chain {
  const state = nextState(CHAIN_TRANSITIONS, chain.state, event);
  if (state === undefined) throw new WrongStateError(`chain ${chain.chainId}`, chain.state);
  return { ...chain, state };
}

/** The leg after an event. @throws WrongStateError where the table has no such transition. */
export function legAfterEvent(leg: Leg, event: LegEvent): Leg {
  const state = nextState(LEG_TRANSITIONS, leg.state, event);
  if (state === undefined) throw new WrongStateError(`leg ${leg.legId}`, leg.state);
  return { ...leg, state };
}

/** Guard of `validate`: every home node has checked the terms and reserved. */
export const isValidatedByAll = ({ terms, answers }: Chain): boolean =>
  homeNodesOf(terms).every((node) => answers.some((answer) => answer.node === node && answer.status === 'validated'));

/** Guard of `consent`: every member's last word is to confirm. */
export const isConfirmedByAll = ({ terms, consents }: Chain): boolean =>
  membersOf(terms).every(({ participantId }) =>
    consents.some(({ statement }) => statement.participant_id === participantId && statement.decision === 'confirm'));

/** Guard of `hold`: this node has acknowledged the complete commitment. */
export const isHeldAt = ({ acknowledgements }: Chain, node: string): boolean =>
  acknowledgements.some((acknowledgement) => acknowledgement.node === node && acknowledgement.status === 'held');

/** Guard of `commit`: the certificate is here and every home node holds it. */
export const isHeldByAll = (chain: Chain): boolean =>
  chain.certificate !== null && homeNodesOf(chain.terms).every((node) => isHeldAt(chain, node));

/** Guard of `complete` and `fail`: every leg is at its end. */
export const isSettled = ({ legs }: Chain): boolean => legs.every(({ state }) => state === 'fulfilled' || state === 'disputed');

/** Tells `fail` from `complete`. */
export const isDisputed = ({ legs }: Chain): boolean => legs.some(({ state }) => state === 'disputed');

/** What stands against the chain, so that its coordinator has to abort it, or null. */
export function objectionTo({ answers, consents, acknowledgements }: Chain): AbortReason | null {
  if (answers.some(({ status }) => status === 'rejected')) return 'rejected';
  if (consents.some(({ statement }) => statement.decision === 'decline')) return 'declined';
  return acknowledgements.some(({ status }) => status === 'refused') ? 'refused' : null;
}
