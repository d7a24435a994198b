import { hashDocument } from '@kula/kernel-crypto';
import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import { MalformedProposalError } from './chain.errors.js';

/** A seat as it stands in the signed terms. Further fields of newer nodes are kept and hashed. */
export type Seat = {
  readonly participant_id: string; readonly home_node: string; readonly role: 'provider' | 'recipient';
  readonly offering_id?: string | undefined; readonly need_id?: string | undefined;
};

/** A leg as it stands in the signed terms. */
export type Edge = {
  readonly leg_id: string; readonly from_participant: string; readonly to_participant: string; readonly match_score: number;
  readonly offering_id: string; readonly need_id: string; readonly description: string; readonly amount: string; readonly unit: string;
};

/** The document that participants consent to, in its wire names: what is hashed must not be renamed. */
export type Terms = {
  readonly chain_id: string;
  readonly participants: readonly Seat[];
  readonly edges: readonly Edge[];
  readonly proposed_timeline: { readonly consent_deadline: string; readonly execution_start: string; readonly execution_end: string };
};

/** A party of a chain and the node that speaks for it. */
export interface Member { readonly participantId: string; readonly homeNode: string }

/** What a chain takes from one listing. */
export interface ListingUse {
  readonly listingId: string;
  readonly kind: 'offering' | 'need';
  readonly participantId: string;
  readonly amount: bigint;
  readonly unit: string;
}

/** Hash of exactly the four parts of the terms: what consents name. */
export const hashTerms = ({ chain_id, participants, edges, proposed_timeline }: Terms): string =>
  hashDocument({ chain_id, participants, edges, proposed_timeline });

/** Members in code-unit order of their ids. */
export function membersOf({ participants }: Terms): readonly Member[] {
  return participants.filter(({ role }) => role === 'provider')
    .map(({ participant_id, home_node }) => ({ participantId: participant_id, homeNode: home_node }))
    .sort((left, right) => byCodeUnit(left.participantId, right.participantId));
}

/** Home nodes in code-unit order, each once. */
export const homeNodesOf = ({ participants }: Terms): readonly string[] =>
  [...new Set(participants.map(({ home_node }) => home_node))].sort(byCodeUnit);

/** The home node of a member, or undefined where the terms name no such member. */
export const homeNodeOf = ({ participants }: Terms, participantId: string): string | undefined =>
  participants.find(({ participant_id }) => participant_id === participantId)?.home_node;

/** Every listing the chain uses, offerings before needs, in the order of the legs. */
export function listingUses({ edges }: Terms): readonly ListingUse[] {
  const use = ({ amount, unit }: Edge) => ({ amount: BigInt(amount), unit });
  return [
    ...edges.map((edge) => ({ listingId: edge.offering_id, kind: 'offering' as const, participantId: edge.from_participant, ...use(edge) })),
    ...edges.map((edge) => ({ listingId: edge.need_id, kind: 'need' as const, participantId: edge.to_participant, ...use(edge) })),
  ];
}

/** The uses whose listings a node answers for. */
export const listingUsesAt = (terms: Terms, nodeId: string): readonly ListingUse[] =>
  listingUses(terms).filter(({ participantId }) => homeNodeOf(terms, participantId) === nodeId);

/**
 * Continues where the terms are one simple ring whose seats agree with its legs, proposed by a home node of a member.
 *
 * Judges by the document alone, so that every node judges alike. O(legs²).
 * @throws MalformedProposalError naming what must hold.
 */
export function checkTerms(terms: Terms, proposingNode: string): void {
  const broken = RULES.find(({ holds }) => !holds(terms, proposingNode));
  if (broken !== undefined) throw new MalformedProposalError(terms.chain_id, broken.expected);
}

interface TermsRule { readonly expected: string; readonly holds: (terms: Terms, proposingNode: string) => boolean }

const RULES: readonly TermsRule[] = [
  { expected: 'every member gives once and takes once', holds: ({ participants, edges }) => participants.length === 2 * edges.length },
  { expected: 'every leg has an id of its own', holds: ({ edges }) => areDistinct(edges.map(({ leg_id }) => leg_id)) },
  { expected: 'every listing is used once', holds: ({ edges }) => areDistinct(edges.flatMap(({ offering_id, need_id }) => [offering_id, need_id])) },
  { expected: 'the legs form one simple ring', holds: ({ edges }) => isOneRing(edges) },
  { expected: 'the seats agree with the legs', holds: ({ participants, edges }) => edges.every((edge) => isSeated(edge, participants)) },
  { expected: 'a member has one home node', holds: ({ participants }) => haveOneHome(participants) },
  { expected: 'the proposing node is the home of a member', holds: (terms, proposingNode) => homeNodesOf(terms).includes(proposingNode) },
  { expected: 'the execution begins before it ends', holds: ({ proposed_timeline: { execution_start, execution_end } }) => isLater(execution_end, execution_start) },
];

const areDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

function isOneRing(edges: readonly Edge[]): boolean {
  const next = new Map(edges.map(({ from_participant, to_participant }) => [from_participant, to_participant]));
  const [first] = next.keys();
  if (first === undefined || edges.length < 2 || next.size !== edges.length) return false;
  let at = next.get(first);
  for (let steps = 1; steps < edges.length; steps += 1) {
    if (at === undefined || at === first) return false;
    at = next.get(at);
  }
  return at === first;
}

function isSeated(edge: Edge, seats: readonly Seat[]): boolean {
  const giving = seats.filter(({ participant_id, role }) => role === 'provider' && participant_id === edge.from_participant);
  const taking = seats.filter(({ participant_id, role }) => role === 'recipient' && participant_id === edge.to_participant);
  return giving.length === 1 && giving[0]?.offering_id === edge.offering_id && giving[0].need_id === undefined
    && taking.length === 1 && taking[0]?.need_id === edge.need_id && taking[0].offering_id === undefined;
}

const haveOneHome = (seats: readonly Seat[]): boolean =>
  seats.every(({ participant_id, home_node }) => seats.every((other) => other.participant_id !== participant_id || other.home_node === home_node));

/** True where the left moment is after the right one. Moments are RFC 3339 in UTC, with or without seconds and fractions. */
export const isLater = (left: string, right: string): boolean => byCodeUnit(sortable(left), sortable(right)) > 0;

function sortable(moment: string): string {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?Z$/.exec(moment);
  invariant(parts !== null, 'a moment is RFC 3339 in UTC');
  const [, minute = '', second = '00', fraction = ''] = parts;
  return `${minute}:${second}.${fraction.replace(/0+$/, '')}`;
}
