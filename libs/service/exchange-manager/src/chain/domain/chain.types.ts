import type { Ed25519 } from '@kula/kernel-crypto';
import type { ChainState, LegState } from './chain.transitions.js';
import type { ListingUse, Terms } from './terms.js';

export type FulfilmentAnswer = 'yes' | 'partially' | 'no';
export type AbortReason = 'rejected' | 'declined' | 'expired' | 'refused';

/** What a participant signs to confirm or decline (domain `sep/consent/v1`), in its wire names. */
export type ConsentStatement = {
  readonly chain_id: string; readonly terms_hash: string; readonly participant_id: string;
  readonly decision: 'confirm' | 'decline'; readonly made_at: string;
};

/** What a member signs about a leg (domain `sep/signal/v1`), in its wire names. */
export type SignalStatement = {
  readonly chain_id: string; readonly leg_id: string; readonly terms_hash: string; readonly participant_id: string;
  readonly signal: 'started' | 'delivered' | 'fulfilment'; readonly answer: FulfilmentAnswer | null;
  readonly evidence_hash: string | null; readonly made_at: string;
};

/** A statement with its author's own detached signature. */
export type Signed<Statement> = { readonly statement: Statement; readonly signature: string };

export interface Answer { readonly node: string; readonly status: 'validated' | 'rejected'; readonly reason: string | null }
export interface Acknowledgement { readonly node: string; readonly status: 'held' | 'refused'; readonly reason: string | null }
export type Decision =
  | { readonly outcome: 'commit'; readonly reason: 'all_held' }
  | { readonly outcome: 'abort'; readonly reason: AbortReason };

export interface Leg {
  readonly legId: string;
  readonly state: LegState;
  readonly providerAnswer: FulfilmentAnswer | null;
  readonly recipientAnswer: FulfilmentAnswer | null;
}

/** What this node keeps free for the chain: nothing, a reservation, one that ran out or was given back, or a commitment. */
export type Lease = 'none' | 'reserved' | 'lapsed' | 'released' | 'committed';

/**
 * One node's replica of a chain: the facts it has taken in and the state they lead to.
 *
 * Lists are ordered by node, participant or leg, so that equal facts make equal replicas. Only `lease` is this node's own.
 */
export interface Chain {
  readonly chainId: string;
  readonly proposingNode: string;
  readonly termsHash: string;
  readonly terms: Terms;
  readonly explanation: readonly string[];
  readonly state: ChainState;
  readonly reason: string | null;
  readonly answers: readonly Answer[];
  readonly consents: readonly Signed<ConsentStatement>[];
  readonly certificate: readonly Signed<ConsentStatement>[] | null;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly decision: Decision | null;
  readonly legs: readonly Leg[];
  readonly signals: readonly Signed<SignalStatement>[];
  readonly lease: Lease;
}

/** Who says it, about which terms of which chain. `entryId` is null until the node's own message has come back from its log. */
interface Spoken { readonly issuer: string; readonly entryId: string | null; readonly chainId: string; readonly termsHash: string }

export interface Proposed extends Spoken { readonly kind: 'proposed'; readonly proposingNode: string; readonly terms: Terms; readonly explanation: readonly string[] }
export interface Answered extends Spoken { readonly kind: 'answered'; readonly status: Answer['status']; readonly reason: string | null }
export interface Consented extends Spoken, Signed<ConsentStatement> { readonly kind: 'consented'; readonly reason: string | null }
export interface Committed extends Spoken { readonly kind: 'committed'; readonly consents: readonly Signed<ConsentStatement>[] }
export interface Acknowledged extends Spoken {
  readonly kind: 'acknowledged'; readonly proposingNode: string; readonly status: Acknowledgement['status']; readonly reason: string | null;
}
export interface Decided extends Spoken { readonly kind: 'decided'; readonly decision: Decision }
export interface Signalled extends Spoken, Signed<SignalStatement> { readonly kind: 'signalled'; readonly note: string | null }

/** What a node says in its log. Heard from others and from itself in the same form. */
export type Said = Proposed | Answered | Consented | Committed | Acknowledged | Decided | Signalled;

/** Everything that moves a chain: what nodes say, what this node's matching and members ask for, and time. */
export type Fact =
  | Said
  | { readonly kind: 'ringSelected'; readonly proposal: Proposed }
  | { readonly kind: 'consentGiven'; readonly consent: Consented }
  | { readonly kind: 'signalGiven'; readonly signal: Signalled }
  | { readonly kind: 'deadlinePassed' };

/** A local listing as its capacity account stands, locked for this decision. */
export interface ListingAccount {
  readonly participantId: string;
  readonly kind: 'offering' | 'need';
  readonly unit: string;
  readonly isOpen: boolean;
  readonly free: bigint;
}

/** Time as it enters a decision. */
export interface Moment {
  readonly now: string;
  /** Now less the grace: a lease whose consent deadline is not after this has run out. */
  readonly leaseEdge: string;
  /** The latest consent deadline that is accepted. */
  readonly horizon: string;
}

/** The node that decides: who it is, what time it is, and what it knows of its own listings. */
export interface LocalNode {
  readonly nodeId: string;
  readonly ed25519: Ed25519;
  readonly moment: Moment;
  readonly listings: ReadonlyMap<string, ListingAccount>;
}

/** What happens to the accounts of local listings, in the same transaction. */
export interface CapacityEffect { readonly kind: 'reserve' | 'commit' | 'release'; readonly use: ListingUse }

export interface MemberOutcome {
  readonly participantId: string;
  readonly homeNode: string;
  readonly partners: readonly string[];
  readonly given: FulfilmentAnswer | null;
  readonly isAtFault: boolean;
}

/** A chain has reached its end on this node. */
export interface ChainEnded {
  readonly kind: 'ended';
  readonly outcome: 'completed' | 'aborted' | 'failed';
  readonly reason: string | null;
  readonly members: readonly MemberOutcome[];
  readonly listings: readonly string[];
}

/** A line of the timeline. `subject` tells steps of one kind apart; one step is written once per chain. */
export interface Step {
  readonly node: string;
  readonly entryId: string | null;
  readonly subject: string;
  readonly happening: Said | ChainEnded | { readonly kind: 'lapsed' };
}

/**
 * What a fact leads to on this node, to be written in one transaction.
 *
 * `unchanged`: it was known. `premature`: its cause is not here yet, keep it. `ignored`: no member of the chain lives here.
 */
export interface Outcome {
  readonly status: 'applied' | 'unchanged' | 'premature' | 'ignored';
  readonly chain: Chain | null;
  readonly messages: readonly Said[];
  readonly capacityEffects: readonly CapacityEffect[];
  readonly events: readonly ChainEnded[];
  readonly steps: readonly Step[];
}
