import { isHeldAt, objectionTo } from '../domain/chain.transitions.js';
import type { Chain, Leg } from '../domain/chain.types.js';
import { homeNodesOf, membersOf } from '../domain/terms.js';
import { memberName, nodeName } from './narration.js';

/** In plain words who has to act next; nobody once the chain has ended. */
export function waitingFor(chain: Chain): string[] {
  if (chain.decision === null && objectionTo(chain) !== null) return [`${nodeName(chain.proposingNode)} to call the chain off`];
  switch (chain.state) {
    case 'proposed': return unanswered(chain).map((node) => `${nodeName(node)} to check the terms`);
    case 'confirming': return undecided(chain).map((participantId) => `${memberName(participantId)} to confirm or decline`);
    case 'consented': return [chain.certificate === null ? `${nodeName(chain.proposingNode)} to show all consents` : `${nodeName(chain.proposingNode)} to decide`];
    case 'held': return heldBy(chain);
    case 'executing': return chain.legs.flatMap((leg) => waitingOnLeg(chain, leg));
    default: return [];
  }
}

const unanswered = ({ terms, answers }: Chain): string[] => homeNodesOf(terms).filter((node) => !answers.some((answer) => answer.node === node));

const undecided = ({ terms, consents }: Chain): string[] => membersOf(terms).map(({ participantId }) => participantId)
  .filter((participantId) => !consents.some(({ statement }) => statement.participant_id === participantId));

function heldBy(chain: Chain): string[] {
  const silent = homeNodesOf(chain.terms).filter((node) => !isHeldAt(chain, node));
  return silent.length === 0 ? [`${nodeName(chain.proposingNode)} to decide`] : silent.map((node) => `${nodeName(node)} to hold the commitment`);
}

function waitingOnLeg({ terms }: Chain, { legId, state, providerAnswer, recipientAnswer }: Leg): string[] {
  const edge = terms.edges.find(({ leg_id }) => leg_id === legId);
  if (edge === undefined) return [];
  const what = `"${edge.description}"`;
  if (state === 'agreed') return [`${memberName(edge.from_participant)} to start ${what}`];
  if (state === 'started') return [`${memberName(edge.from_participant)} to deliver ${what}`];
  if (state !== 'delivered') return [];
  return [...(recipientAnswer === null ? [edge.to_participant] : []), ...(providerAnswer === null ? [edge.from_participant] : [])]
    .map((participantId) => `${memberName(participantId)} to say whether ${what} was delivered`);
}
