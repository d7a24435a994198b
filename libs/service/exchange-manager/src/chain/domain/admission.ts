import { canonicalJson, verifyDocument, type Json } from '@kula/kernel-crypto';
import { invariant } from '@kula/kernel-primitives';
import {
  AnswerMissingError, BadSignatureError, ConsentAlreadyGivenError, ConsentExpiredError, ContradictionError, ForeignIssuerError,
  IncompleteCertificateError, LegUnknownError, NotAllHeldError, NotAMemberError, NotYourLegError, OtherTermsError, SignalAlreadyGivenError,
  WrongStateError,
} from './chain.errors.js';
import { isHeldByAll } from './chain.transitions.js';
import type {
  Acknowledged, Answered, Chain, Committed, Consented, ConsentStatement, Decided, LocalNode, Proposed, Said, Signalled, SignalStatement,
} from './chain.types.js';
import { checkTerms, hashTerms, homeNodeOf, homeNodesOf, isLater, membersOf, type Edge } from './terms.js';

/** Whether a fact is news, is known, or has to wait for its cause. */
export type Admission = 'new' | 'repeated' | 'premature';

/** What a fact is checked with. `asOf` is the present for what is only now being said, null for what stands in a log. */
interface Checker { readonly ed25519: LocalNode['ed25519']; readonly asOf: string | null }

const isSame = (left: Json, right: Json): boolean => canonicalJson(left) === canonicalJson(right);

/** Continues where a node proposes in its own name a ring that it may propose. @throws ForeignIssuerError, OtherTermsError, MalformedProposalError. */
export function checkProposal({ issuer, proposingNode, chainId, termsHash, terms }: Proposed): void {
  if (proposingNode !== issuer) throw new ForeignIssuerError(issuer, 'proposing node');
  if (hashTerms(terms) !== termsHash) throw new OtherTermsError(chainId, termsHash);
  checkTerms(terms, proposingNode);
}

/**
 * Judges what a node says about a chain: whether the node may say it, and whether it contradicts what the node said before.
 *
 * Judges by the log of the issuer and by what the fact needs as its cause, never by what happened to arrive from others in
 * between: so all nodes take in the same facts, whatever the order.
 * @throws DomainError where the fact is refused.
 */
export function admit(chain: Chain, said: Exclude<Said, Proposed>, checker: Checker): Admission {
  switch (said.kind) {
    case 'consented': return admitConsent(chain, said, checker);
    case 'signalled': return admitSignal(chain, said, checker);
  }
  if (said.termsHash !== chain.termsHash) throw new OtherTermsError(chain.chainId, said.termsHash);
  switch (said.kind) {
    case 'answered': return admitAnswer(chain, said);
    case 'committed': return admitCertificate(chain, said, checker);
    case 'acknowledged': return admitAcknowledgement(chain, said);
    case 'decided': return admitDecision(chain, said);
  }
}

function admitAnswer(chain: Chain, { issuer, status }: Answered): Admission {
  if (!homeNodesOf(chain.terms).includes(issuer)) throw new ForeignIssuerError(issuer, 'home node');
  const known = chain.answers.find(({ node }) => node === issuer);
  if (known === undefined) return 'new';
  if (known.status === status) return 'repeated';
  throw new ContradictionError(issuer, 'answered');
}

function admitConsent(chain: Chain, consent: Consented, { ed25519, asOf }: Checker): Admission {
  const { issuer, statement, signature, termsHash } = consent;
  const { participant_id: signer, made_at } = statement;
  if (homeNodeOf(chain.terms, signer) !== issuer) throw new NotAMemberError(chain.chainId, signer);
  if (termsHash !== chain.termsHash) throw new OtherTermsError(chain.chainId, termsHash);
  if (!verifyDocument(ed25519, { signer, domain: 'sep/consent/v1', document: statement, signature })) throw new BadSignatureError(signer);
  if (isRepeated(chain, statement)) return 'repeated';
  const { consent_deadline: deadline } = chain.terms.proposed_timeline;
  if (isLater(made_at, deadline) || (asOf !== null && isLater(asOf, deadline))) throw new ConsentExpiredError(chain.chainId, deadline);
  checkConsentDue(chain, issuer);
  return 'new';
}

/**
 * A confirmation may be followed by a refusal, which withdraws it; nothing follows a refusal.
 *
 * @throws ConsentAlreadyGivenError.
 */
function isRepeated({ consents }: Chain, statement: ConsentStatement): boolean {
  const known = consents.find((consent) => consent.statement.participant_id === statement.participant_id)?.statement;
  if (known === undefined) return false;
  if (isSame(known, statement)) return true;
  if (known.decision === 'confirm' && statement.decision === 'decline') return false;
  throw new ConsentAlreadyGivenError(statement.participant_id, known.decision);
}

/** Consents come between the home node's own verdict and its own acknowledgement. */
function checkConsentDue({ chainId, state, answers, acknowledgements }: Chain, home: string): void {
  if (!answers.some(({ node, status }) => node === home && status === 'validated')) throw new WrongStateError('the answer of the home node', 'missing');
  if (acknowledgements.some(({ node }) => node === home)) throw new WrongStateError(`chain ${chainId}`, state);
}

function admitCertificate(chain: Chain, { issuer, consents }: Committed, checker: Checker): Admission {
  if (issuer !== chain.proposingNode) throw new ForeignIssuerError(issuer, 'coordinator');
  if (chain.certificate !== null) {
    if (isSame(chain.certificate, consents)) return 'repeated';
    throw new ContradictionError(issuer, 'committed');
  }
  if (chain.decision !== null) throw new ContradictionError(issuer, 'decided');
  checkCertificate(chain, consents, checker);
  return 'new';
}

function checkCertificate(chain: Chain, consents: Committed['consents'], { ed25519 }: Checker): void {
  const members = membersOf(chain.terms);
  const signers = new Set(consents.map(({ statement }) => statement.participant_id));
  if (consents.length !== members.length || !members.every(({ participantId }) => signers.has(participantId))) {
    throw new IncompleteCertificateError(chain.chainId, 'one consent of each member');
  }
  for (const { statement, signature } of consents) {
    const { participant_id: signer, chain_id, terms_hash, decision, made_at } = statement;
    const isOfTheseTerms = chain_id === chain.chainId && terms_hash === chain.termsHash && decision === 'confirm';
    if (!isOfTheseTerms || isLater(made_at, chain.terms.proposed_timeline.consent_deadline)) {
      throw new IncompleteCertificateError(chain.chainId, `a timely confirmation of these terms by ${signer}`);
    }
    if (!verifyDocument(ed25519, { signer, domain: 'sep/consent/v1', document: statement, signature })) throw new BadSignatureError(signer);
  }
}

/** An acknowledgement names the coordinator, so that nobody else can count it towards another proposal of the same terms. */
function admitAcknowledgement(chain: Chain, { issuer, status, proposingNode }: Acknowledged): Admission {
  if (!homeNodesOf(chain.terms).includes(issuer)) throw new ForeignIssuerError(issuer, 'home node');
  if (proposingNode !== chain.proposingNode) throw new ForeignIssuerError(proposingNode, 'coordinator');
  const known = chain.acknowledgements.find(({ node }) => node === issuer);
  if (known !== undefined && known.status === status) return 'repeated';
  if (known !== undefined) throw new ContradictionError(issuer, 'acknowledged');
  if (chain.certificate !== null) return 'new';
  if (chain.decision !== null) throw new WrongStateError(`chain ${chain.chainId}`, chain.state);
  return 'premature';
}

/** A decision to commit waits until every home node is seen to hold: no leg starts on the coordinator's word alone. */
function admitDecision(chain: Chain, { issuer, decision }: Decided): Admission {
  if (issuer !== chain.proposingNode) throw new ForeignIssuerError(issuer, 'coordinator');
  if (chain.decision !== null) {
    if (chain.decision.outcome === decision.outcome) return 'repeated';
    throw new ContradictionError(issuer, 'decided');
  }
  if (decision.outcome === 'abort' || isHeldByAll(chain)) return 'new';
  const isRefused = chain.acknowledgements.some(({ status }) => status === 'refused');
  if (chain.certificate === null || isRefused) throw new NotAllHeldError(chain.chainId);
  return 'premature';
}

function admitSignal(chain: Chain, said: Signalled, { ed25519 }: Checker): Admission {
  const { issuer, statement, signature, termsHash } = said;
  const { leg_id: legId, participant_id: signer, signal, answer } = statement;
  const edge = chain.terms.edges.find(({ leg_id }) => leg_id === legId);
  if (edge === undefined) throw new LegUnknownError(chain.chainId, legId);
  if (!isSignalOf(edge, statement) || homeNodeOf(chain.terms, signer) !== issuer) throw new NotYourLegError(legId, signal);
  if (termsHash !== chain.termsHash) throw new OtherTermsError(chain.chainId, termsHash);
  if (!verifyDocument(ed25519, { signer, domain: 'sep/signal/v1', document: statement, signature })) throw new BadSignatureError(signer);
  if ((signal === 'fulfilment') !== (answer !== null)) throw new AnswerMissingError(signal);
  if (isRepeatedSignal(chain, statement)) return 'repeated';
  return admitToLeg(chain, statement, edge.from_participant === signer);
}

/** @throws SignalAlreadyGivenError where the member has signalled the same otherwise. */
function isRepeatedSignal({ signals }: Chain, statement: SignalStatement): boolean {
  const { leg_id: legId, participant_id: signer, signal } = statement;
  const known = signals.find(({ statement: each }) => each.leg_id === legId && each.participant_id === signer && each.signal === signal);
  if (known === undefined) return false;
  if (isSame(known.statement, statement)) return true;
  throw new SignalAlreadyGivenError(legId, signal);
}

const isSignalOf = (edge: Edge, { participant_id, signal }: SignalStatement): boolean =>
  participant_id === edge.from_participant || (signal === 'fulfilment' && participant_id === edge.to_participant);

const CAUSE_OF = { started: 'agreed', delivered: 'started' } as const;

/** What the provider signals in the wrong order is refused: its node's log has the order. What the recipient says waits for the provider. */
function admitToLeg(chain: Chain, { leg_id: legId, signal }: SignalStatement, isProvider: boolean): Admission {
  if (chain.state === 'aborted') throw new WrongStateError(`chain ${chain.chainId}`, chain.state);
  if (chain.decision === null) return 'premature';
  const state = chain.legs.find((leg) => leg.legId === legId)?.state;
  invariant(state !== undefined, 'every leg of the terms is tracked');
  // The other side's answer may have settled the leg, and thereby the chain, before this one arrived.
  const isDue = signal === 'fulfilment' ? state !== 'agreed' && state !== 'started' : state === CAUSE_OF[signal];
  if (isDue) return 'new';
  if (isProvider) throw new WrongStateError(`leg ${legId}`, state);
  return 'premature';
}
