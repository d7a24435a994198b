import { invariant } from '@kula/kernel-primitives';
import { afterEvent, isConfirmedByAll, isDisputed, isHeldAt, isHeldByAll, isSettled, isValidatedByAll, objectionTo } from './chain.transitions.js';
import type { AbortReason, CapacityEffect, Chain, ChainEnded, Decision, Lease, LocalNode, MemberOutcome } from './chain.types.js';
import { homeNodeOf, listingUses, listingUsesAt, membersOf } from './terms.js';
import { endStep, go, say, type Turn } from './turn.js';

/** One consequence of the facts, or null where it does not follow from them. */
type Consequence = (turn: Turn, node: LocalNode) => Turn | null;

/** More consequences than the longest life of a chain has. */
const CONSEQUENCES_MAX = 32;

/** Draws every consequence of the facts of a chain, until nothing more follows. Each makes the next state or says one thing. */
export function advance(turn: Turn, node: LocalNode): Turn {
  let at = turn;
  for (let drawn = 0; drawn < CONSEQUENCES_MAX; drawn += 1) {
    const next = firstConsequence(at, node);
    if (next === null) return at;
    at = next;
  }
  invariant(false, 'the consequences of a fact come to an end');
}

function firstConsequence(turn: Turn, node: LocalNode): Turn | null {
  for (const consequence of CONSEQUENCES) {
    const next = consequence(turn, node);
    if (next !== null) return next;
  }
  return null;
}

/** The coordinator's word: the one decision of a chain. */
export function decideAs(turn: Turn, node: LocalNode, decision: Decision): Turn {
  invariant(turn.chain.proposingNode === node.nodeId, 'the coordinator decides');
  return say(turn, { kind: 'decided', ...spoken(turn.chain, node), decision });
}

/** What this node says about a chain, before it stands in the log. */
export const spoken = ({ chainId, termsHash }: Chain, { nodeId }: LocalNode) => ({ issuer: nodeId, entryId: null, chainId, termsHash });

/** The local uses of a chain, each with the same effect. */
export const capacityEffects = (chain: Chain, node: LocalNode, kind: CapacityEffect['kind']): readonly CapacityEffect[] =>
  listingUsesAt(chain.terms, node.nodeId).map((use) => ({ kind, use }));

/** Gives back what is reserved, and says how the lease ended. Nothing is given back twice. */
export function giveBack(turn: Turn, node: LocalNode, lease: Extract<Lease, 'lapsed' | 'released'>): Turn {
  if (turn.chain.lease !== 'reserved') return turn;
  return go(turn, { ...turn.chain, lease }, { capacityEffects: capacityEffects(turn.chain, node, 'release') });
}

const isOpen = ({ decision }: Chain): boolean => decision === null;
const isCoordinator = ({ proposingNode }: Chain, { nodeId }: LocalNode): boolean => proposingNode === nodeId;

/** The decision is carried out. Before it, nothing that was promised is let go; after it, nothing is left reserved. */
const carryOut: Consequence = (turn, node) => {
  const { chain } = turn;
  if (chain.decision === null || chain.state === 'executing' || isEnded(chain)) return null;
  if (chain.decision.outcome === 'abort') return end(giveBack(turn, node, 'released'), node, { event: 'abort', reason: chain.decision.reason });
  invariant(isHeldByAll(chain), 'a chain commits when every home node holds the complete commitment');
  invariant(chain.lease === 'reserved', 'a chain commits what is reserved');
  return go(turn, { ...afterEvent(chain, 'commit'), lease: 'committed' }, { capacityEffects: capacityEffects(chain, node, 'commit') });
};

const isEnded = ({ state }: Chain): boolean => state === 'completed' || state === 'aborted' || state === 'failed';

const settle: Consequence = (turn, node) => {
  if (turn.chain.state !== 'executing' || !isSettled(turn.chain)) return null;
  return end(turn, node, isDisputed(turn.chain) ? { event: 'fail', reason: 'disputed' } : { event: 'complete', reason: null });
};

const validate: Consequence = (turn) =>
  turn.chain.state === 'proposed' && isOpen(turn.chain) && isValidatedByAll(turn.chain) ? go(turn, afterEvent(turn.chain, 'validate')) : null;

const consent: Consequence = (turn) =>
  turn.chain.state === 'confirming' && isOpen(turn.chain) && isConfirmedByAll(turn.chain) ? go(turn, afterEvent(turn.chain, 'consent')) : null;

/** An objection ends the chain as long as nothing is decided, even when some already hold. */
const object: Consequence = (turn, node) => {
  const reason = objectionTo(turn.chain);
  if (reason === null || !isOpen(turn.chain) || !isCoordinator(turn.chain, node)) return null;
  return decideAs(turn, node, { outcome: 'abort', reason });
};

/** With the last consent the coordinator shows all of them to everybody. */
const certify: Consequence = (turn, node) => {
  const { chain } = turn;
  if (chain.state !== 'consented' || chain.certificate !== null || !isOpen(chain) || !isCoordinator(chain, node)) return null;
  return say(turn, { kind: 'committed', ...spoken(chain, node), consents: chain.consents });
};

/** A home node promises to keep its reservation until the coordinator decides, or says that it cannot. */
const acknowledge: Consequence = (turn, node) => {
  const { chain } = turn;
  const isAsked = chain.certificate !== null && isOpen(chain) && listingUsesAt(chain.terms, node.nodeId).length > 0;
  if (!isAsked || chain.acknowledgements.some((acknowledgement) => acknowledgement.node === node.nodeId)) return null;
  const reason = hindranceTo(chain, node);
  const word = { kind: 'acknowledged' as const, ...spoken(chain, node), proposingNode: chain.proposingNode };
  if (reason === null) return say(turn, { ...word, status: 'held', reason });
  return say(giveBack(turn, node, 'released'), { ...word, status: 'refused', reason });
};

/** A member may withdraw until its node has seen the last consent; the certificate may be older than the withdrawal. */
function hindranceTo(chain: Chain, { nodeId }: LocalNode): string | null {
  if (chain.lease !== 'reserved') return 'nothing is reserved any more';
  const hasLeft = chain.consents.some(({ statement }) => statement.decision === 'decline' && homeNodeOf(chain.terms, statement.participant_id) === nodeId);
  return hasLeft ? 'a member has withdrawn' : null;
}

const hold: Consequence = (turn, node) => {
  const { chain } = turn;
  const isBefore = chain.state === 'proposed' || chain.state === 'confirming' || chain.state === 'consented';
  return isBefore && isOpen(chain) && isHeldAt(chain, node.nodeId) ? go(turn, afterEvent(chain, 'hold')) : null;
};

const decideCommit: Consequence = (turn, node) =>
  isOpen(turn.chain) && isCoordinator(turn.chain, node) && isHeldByAll(turn.chain) ? decideAs(turn, node, { outcome: 'commit', reason: 'all_held' }) : null;

const CONSEQUENCES: readonly Consequence[] = [carryOut, settle, validate, consent, object, certify, acknowledge, hold, decideCommit];

type Ending = { readonly event: 'complete'; readonly reason: null } | { readonly event: 'abort'; readonly reason: AbortReason } | { readonly event: 'fail'; readonly reason: 'disputed' };

/** The end of the chain on this node, told once: no event leads out of a terminal state. */
function end(turn: Turn, node: LocalNode, { event, reason }: Ending): Turn {
  const chain = { ...afterEvent(turn.chain, event), reason };
  invariant(chain.lease !== 'reserved', 'an ended chain keeps nothing reserved');
  const outcome = event === 'complete' ? 'completed' : event === 'fail' ? 'failed' : 'aborted';
  const ended: ChainEnded = {
    kind: 'ended', outcome, reason, members: memberOutcomes(chain), listings: listingUses(chain.terms).map(({ listingId }) => listingId),
  };
  return go(turn, chain, { events: [ended], steps: [endStep(node.nodeId, ended)] });
}

function memberOutcomes(chain: Chain): readonly MemberOutcome[] {
  const { edges } = chain.terms;
  return membersOf(chain.terms).map(({ participantId, homeNode }) => {
    const giving = edges.find(({ from_participant }) => from_participant === participantId);
    const taking = edges.find(({ to_participant }) => to_participant === participantId);
    invariant(giving !== undefined && taking !== undefined, 'every member gives once and takes once');
    const leg = chain.legs.find(({ legId }) => legId === giving.leg_id);
    invariant(leg !== undefined, 'every leg of the terms is tracked');
    const partners = [...new Set([taking.from_participant, giving.to_participant])];
    return { participantId, homeNode, partners, given: leg.recipientAnswer, isAtFault: leg.state === 'disputed' };
  });
}
