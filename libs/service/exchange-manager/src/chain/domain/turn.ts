import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import { legAfterEvent } from './chain.transitions.js';
import type { Chain, ChainEnded, Decided, Leg, Outcome, Said, Signalled, Step } from './chain.types.js';

/** A chain on its way through one decision, with what has come of it so far. */
export interface Turn extends Omit<Outcome, 'status'> {
  readonly chain: Chain;
}

/** A decision about a chain begins. */
export const openTurn = (chain: Chain): Turn => ({ chain, messages: [], capacityEffects: [], events: [], steps: [] });

/** The turn with the chain changed and more to be written. */
export function go(turn: Turn, chain: Chain, more: Partial<Omit<Turn, 'chain'>> = {}): Turn {
  return {
    chain,
    messages: [...turn.messages, ...(more.messages ?? [])],
    capacityEffects: [...turn.capacityEffects, ...(more.capacityEffects ?? [])],
    events: [...turn.events, ...(more.events ?? [])],
    steps: [...turn.steps, ...(more.steps ?? [])],
  };
}

/** This node says it: the message is to be written, and counts here from now on. */
export const say = (turn: Turn, said: Said): Turn => record(go(turn, turn.chain, { messages: [said] }), said);

/** The fact becomes part of the replica. Whether it may was judged before. */
export const record = (turn: Turn, said: Said): Turn => go(turn, withFact(turn.chain, said), { steps: [stepOf(said)] });

/** The timeline's line about a fact. */
export const stepOf = (happening: Said): Step => ({ node: happening.issuer, entryId: happening.entryId, subject: subjectOf(happening), happening });

/** The timeline's line about the end. */
export const endStep = (node: string, happening: ChainEnded): Step => ({ node, entryId: null, subject: '', happening });

function subjectOf(said: Said): string {
  if (said.kind === 'answered' || said.kind === 'acknowledged') return said.issuer;
  if (said.kind === 'consented') return `${said.statement.participant_id} ${said.statement.decision}`;
  if (said.kind === 'signalled') return `${said.statement.leg_id} ${said.statement.signal} ${said.statement.participant_id}`;
  return '';
}

function withFact(chain: Chain, said: Said): Chain {
  switch (said.kind) {
    case 'proposed': return chain;
    case 'answered': {
      const { issuer: node, status, reason } = said;
      return { ...chain, answers: placed(chain.answers, { node, status, reason }, (answer) => answer.node) };
    }
    case 'consented': {
      const { statement, signature } = said;
      return { ...chain, consents: placed(chain.consents, { statement, signature }, (consent) => consent.statement.participant_id) };
    }
    case 'committed': return { ...chain, certificate: said.consents };
    case 'acknowledged': {
      const { issuer: node, status, reason } = said;
      return { ...chain, acknowledgements: placed(chain.acknowledgements, { node, status, reason }, (acknowledgement) => acknowledgement.node) };
    }
    case 'decided': return decided(chain, said);
    case 'signalled': return signalled(chain, said);
  }
}

function decided(chain: Chain, { decision }: Decided): Chain {
  invariant(chain.decision === null, 'a chain is decided once');
  return { ...chain, decision };
}

function signalled(chain: Chain, { statement, signature }: Signalled): Chain {
  const edge = chain.terms.edges.find(({ leg_id }) => leg_id === statement.leg_id);
  const isProvider = edge?.from_participant === statement.participant_id;
  const keyOf = ({ statement: each }: Chain['signals'][number]) => `${each.leg_id} ${each.signal} ${each.participant_id}`;
  return {
    ...chain,
    signals: placed(chain.signals, { statement, signature }, keyOf),
    legs: chain.legs.map((leg) => leg.legId === statement.leg_id ? legAfterSignal(leg, statement, isProvider) : leg),
  };
}

function legAfterSignal(leg: Leg, { signal, answer }: Signalled['statement'], isProvider: boolean): Leg {
  if (signal === 'started') return legAfterEvent(leg, 'start');
  if (signal === 'delivered') return legAfterEvent(leg, 'deliver');
  const answered = isProvider ? { ...leg, providerAnswer: answer } : { ...leg, recipientAnswer: answer };
  if (answered.state !== 'delivered' || answered.recipientAnswer === null) return answered;
  if (answered.recipientAnswer === 'no') return legAfterEvent(answered, 'dispute');
  return answered.providerAnswer === null ? answered : legAfterEvent(answered, 'fulfil');
}

/** The list with the item in its place, instead of the one of the same key. */
function placed<Item>(items: readonly Item[], item: Item, keyOf: (item: Item) => string): readonly Item[] {
  return [...items.filter((each) => keyOf(each) !== keyOf(item)), item].sort((left, right) => byCodeUnit(keyOf(left), keyOf(right)));
}
