import type { AbortReason, ChainEnded, Said, Signalled, Step } from '../domain/chain.types.js';
import type { Terms } from '../domain/terms.js';

/** Enough of an id for a person to tell it from others. */
const short = (id: string): string => `${id.replace('did:key:', '').slice(0, 12)}…`;

/** A node as a person reads it. */
export const nodeName = (nodeId: string): string => `node ${short(nodeId)}`;

/** A member as a person reads it. */
export const memberName = (participantId: string): string => `member ${short(participantId)}`;

const REASONS: Readonly<Record<AbortReason | 'disputed' | 'all_held', string>> = {
  rejected: 'a home node could not validate it',
  declined: 'a member declined',
  expired: 'the consents or acknowledgements did not come in time',
  refused: 'a home node could not hold the commitment',
  disputed: 'a delivery is disputed',
  all_held: 'every home node holds it',
};

const STEP_NAMES: Readonly<Record<Exclude<Step['happening']['kind'], 'ended'>, string>> = {
  proposed: 'chain.proposed', answered: 'chain.answered', consented: 'chain.consented', committed: 'chain.committed',
  acknowledged: 'chain.acknowledged', decided: 'chain.decided', signalled: 'leg.signalled', lapsed: 'lease.lapsed',
};

/** Name of a step: the type of the message that made it, or what time or the last signal did. */
export const stepName = (happening: Step['happening']): string => happening.kind === 'ended' ? `chain.${happening.outcome}` : STEP_NAMES[happening.kind];

/** One plain sentence about a step. */
export function sentenceOf({ node, happening }: Step, terms: Terms): string {
  if (happening.kind === 'ended') return sentenceOfEnd(happening);
  if (happening.kind === 'lapsed') return `${upper(nodeName(node))} gave its reservation back: the commitment did not come in time.`;
  return `${upper(saidBy(happening, terms))}.`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const because = (reason: string | null): string => reason === null ? '' : `: ${reason}`;

function sentenceOfEnd({ outcome, reason }: ChainEnded): string {
  if (outcome === 'completed') return 'Every leg is fulfilled: the chain is completed.';
  return `The chain ${outcome === 'failed' ? 'failed' : 'was called off'}: ${REASONS[reason as AbortReason | 'disputed']}.`;
}

function saidBy(said: Said, terms: Terms): string {
  const node = nodeName(said.issuer);
  switch (said.kind) {
    case 'proposed': return `${node} proposed a ring of ${terms.edges.length} legs; consents are due by ${terms.proposed_timeline.consent_deadline}`;
    case 'answered': return `${node} ${VERDICTS[said.status]}${because(said.reason)}`;
    case 'consented': return `${memberName(said.statement.participant_id)} ${VERDICTS[said.statement.decision]}${because(said.reason)}`;
    case 'committed': return `${node} showed the consents of all ${said.consents.length} members`;
    case 'acknowledged': return `${node} ${VERDICTS[said.status]}${because(said.reason)}`;
    case 'decided': return `${node} decided to ${VERDICTS[said.decision.outcome]}: ${REASONS[said.decision.reason]}`;
    case 'signalled': return signalOf(said, terms);
  }
}

const VERDICTS = {
  validated: 'checked the terms and reserved what its members give and take', rejected: 'rejected the terms',
  confirm: 'confirmed the terms', decline: 'declined',
  held: 'holds the complete commitment', refused: 'cannot hold the commitment',
  commit: 'carry the chain out', abort: 'call the chain off',
} as const;

const ANSWERS = { yes: 'was delivered', partially: 'was delivered in part', no: 'was not delivered' } as const;

function signalOf({ statement, note }: Signalled, terms: Terms): string {
  const member = memberName(statement.participant_id);
  const what = `"${terms.edges.find(({ leg_id }) => leg_id === statement.leg_id)?.description ?? statement.leg_id}"`;
  if (statement.signal === 'started') return `${member} started ${what}${because(note)}`;
  if (statement.signal === 'delivered') return `${member} delivered ${what}${because(note)}`;
  return `${member} says that ${what} ${ANSWERS[statement.answer ?? 'no']}${because(note)}`;
}
