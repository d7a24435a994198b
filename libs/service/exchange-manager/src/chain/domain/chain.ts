import { admit, checkProposal } from './admission.js';
import { advance, capacityEffects, decideAs, giveBack, spoken } from './advance.js';
import { ChainIdTakenError, WrongStateError } from './chain.errors.js';
import { CHAIN_INITIAL, isHeldAt, LEG_INITIAL } from './chain.transitions.js';
import type { Answered, Chain, Consented, Fact, ListingAccount, LocalNode, Outcome, Proposed, Said, Signalled } from './chain.types.js';
import { homeNodesOf, isLater, listingUsesAt, type ListingUse, type Terms } from './terms.js';
import { go, openTurn, record, say, stepOf, type Turn } from './turn.js';

/**
 * What a fact leads to on one node: the next replica, what the node says, what happens to its listings, what it publishes.
 *
 * Pure and deterministic. Every node applies the same facts of each issuer in the order of the issuer's log; across issuers
 * any order leads to the same replicas (take-in keeps what comes before its cause).
 * @throws DomainError where the fact is refused: nothing has changed.
 * @invariant at most one decision per chain, by its coordinator; nothing reserved is given back after `held` without it.
 */
export function decide(chain: Chain | null, fact: Fact, node: LocalNode): Outcome {
  if (fact.kind === 'ringSelected') return propose(chain, fact.proposal);
  if (fact.kind === 'proposed') return takeProposal(chain, fact, node);
  if (chain === null) return nothing('premature', null);
  switch (fact.kind) {
    case 'consentGiven': return giveConsent(chain, fact.consent, node);
    case 'signalGiven': return giveSignal(chain, fact.signal, node);
    case 'deadlinePassed': return passDeadline(chain, node);
  }
  return takeSaid(chain, fact, node);
}

const nothing = (status: 'unchanged' | 'premature' | 'ignored', chain: Chain | null): Outcome =>
  ({ status, chain, messages: [], capacityEffects: [], events: [], steps: [] });

/** The fact is known; the node's own words get their place in the log from it. */
const known = (chain: Chain, said: Said): Outcome => ({ ...nothing('unchanged', chain), steps: [stepOf(said)] });

const applied = (turn: Turn, node: LocalNode): Outcome => ({ ...advance(turn, node), status: 'applied' });

/** The coordinator writes the proposal. It answers for its own members when the proposal comes back from its log. */
function propose(chain: Chain | null, proposal: Proposed): Outcome {
  if (chain !== null) return nothing('unchanged', chain);
  checkProposal(proposal);
  return { ...say(openTurn(chainOf(proposal)), proposal), status: 'applied' };
}

function takeProposal(chain: Chain | null, proposal: Proposed, node: LocalNode): Outcome {
  checkProposal(proposal);
  const isHome = homeNodesOf(proposal.terms).includes(node.nodeId);
  if (chain === null) return isHome ? applied(answer(record(openTurn(chainOf(proposal)), proposal), node), node) : nothing('ignored', null);
  if (chain.proposingNode !== proposal.proposingNode || chain.termsHash !== proposal.termsHash) throw new ChainIdTakenError(chain.chainId);
  if (chain.decision !== null || chain.answers.some(({ node: each }) => each === node.nodeId)) return known(chain, proposal);
  return applied(answer(go(openTurn(chain), chain, { steps: [stepOf(proposal)] }), node), node);
}

function chainOf({ chainId, proposingNode, termsHash, terms, explanation }: Proposed): Chain {
  return {
    chainId, proposingNode, termsHash, terms, explanation, state: CHAIN_INITIAL, reason: null,
    answers: [], consents: [], certificate: null, acknowledgements: [], decision: null,
    legs: terms.edges.map(({ leg_id }) => ({ legId: leg_id, state: LEG_INITIAL, providerAnswer: null, recipientAnswer: null })),
    signals: [], lease: 'none',
  };
}

/** The verdict of a home node, given together with its reservation. */
function answer(turn: Turn, node: LocalNode): Turn {
  const { chain } = turn;
  const reason = faultOf(chain.terms, node);
  const word: Omit<Answered, 'status' | 'reason'> = { kind: 'answered', ...spoken(chain, node) };
  if (reason !== null) return say(turn, { ...word, status: 'rejected', reason });
  const reserved = go(turn, { ...chain, lease: 'reserved' }, { capacityEffects: capacityEffects(chain, node, 'reserve') });
  return say(reserved, { ...word, status: 'validated', reason });
}

/** Why this node cannot stand behind the terms, in plain words, or null. */
function faultOf(terms: Terms, { nodeId, moment, listings }: LocalNode): string | null {
  const { consent_deadline: deadline } = terms.proposed_timeline;
  if (!isLater(deadline, moment.now)) return 'the consent deadline has passed';
  if (isLater(deadline, moment.horizon)) return 'the consent deadline is too far away';
  const faults = listingUsesAt(terms, nodeId).map((use) => faultOfUse(use, listings.get(use.listingId)));
  return faults.find((fault) => fault !== null) ?? null;
}

function faultOfUse({ kind, listingId, participantId, amount, unit }: ListingUse, account: ListingAccount | undefined): string | null {
  const which = `${kind} ${listingId}`;
  if (account?.kind !== kind || account.participantId !== participantId) return `${which} is unknown`;
  if (!account.isOpen) return `${which} is withdrawn`;
  if (account.unit !== unit) return `${which} is in ${account.unit}`;
  return account.free < amount ? `${which} has only ${account.free} ${unit} left` : null;
}

function takeSaid(chain: Chain, said: Exclude<Said, Proposed>, node: LocalNode): Outcome {
  const admission = admit(chain, said, { ed25519: node.ed25519, asOf: null });
  if (admission === 'premature') return nothing('premature', chain);
  return admission === 'repeated' ? known(chain, said) : applied(record(openTurn(chain), said), node);
}

/** A member's answer is taken while its chain is confirming. The same statement again changes nothing. */
function giveConsent(chain: Chain, consent: Consented, node: LocalNode): Outcome {
  const admission = admit(chain, consent, { ed25519: node.ed25519, asOf: node.moment.now });
  if (admission === 'repeated') return nothing('unchanged', chain);
  if (chain.state !== 'confirming') throw new WrongStateError(`chain ${chain.chainId}`, chain.state);
  return applied(say(openTurn(chain), consent), node);
}

/** A member's signal is taken when its cause is known here. The same statement again changes nothing. */
function giveSignal(chain: Chain, signal: Signalled, node: LocalNode): Outcome {
  const admission = admit(chain, signal, { ed25519: node.ed25519, asOf: node.moment.now });
  if (admission === 'repeated') return nothing('unchanged', chain);
  if (admission === 'premature') throw new WrongStateError(...stateFor(chain, signal));
  return applied(say(openTurn(chain), signal), node);
}

function stateFor(chain: Chain, { statement }: Signalled): [string, string] {
  const leg = chain.legs.find(({ legId }) => legId === statement.leg_id);
  return chain.state === 'executing' && leg !== undefined ? [`leg ${leg.legId}`, leg.state] : [`chain ${chain.chainId}`, chain.state];
}

/**
 * Time is a fact too. The coordinator aborts what is not complete at the deadline, and what is not held at the end of the
 * grace; a home node gives back then what it has not promised to hold.
 */
function passDeadline(chain: Chain, node: LocalNode): Outcome {
  const { consent_deadline: deadline } = chain.terms.proposed_timeline;
  const isLeaseOver = !isLater(deadline, node.moment.leaseEdge);
  if (chain.decision !== null || isLater(deadline, node.moment.now)) return nothing('unchanged', chain);
  if (chain.proposingNode === node.nodeId && (chain.certificate === null || isLeaseOver)) {
    return applied(decideAs(openTurn(chain), node, { outcome: 'abort', reason: 'expired' }), node);
  }
  if (!isLeaseOver || chain.lease !== 'reserved' || isHeldAt(chain, node.nodeId)) return nothing('unchanged', chain);
  const lapsed = { node: node.nodeId, entryId: null, subject: '', happening: { kind: 'lapsed' as const } };
  const turn = giveBack(openTurn(chain), node, 'lapsed');
  return applied(go(turn, turn.chain, { steps: [lapsed] }), node);
}
