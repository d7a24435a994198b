import { byCodeUnit, DomainError } from '@kula/kernel-primitives';
import { decide } from './chain.js';
import type { Chain, Fact, LocalNode, Outcome, Said } from './chain.types.js';

/** What an issuer said, with its place in the issuer's log. */
export interface ChainEntry { readonly id: string; readonly issuer: string; readonly seq: number; readonly said: Said }

/** A node's replica of a chain and the entries about it that wait for their causes. */
export interface Replica { readonly chain: Chain | null; readonly parked: readonly ChainEntry[] }

/** What came of a fact and of the entries that had waited for it. */
export interface Intake {
  readonly outcome: Outcome;
  readonly parked: readonly ChainEntry[];
  /** Entries that had waited and turned out to be refused: recorded, without effect. */
  readonly refused: readonly { readonly entry: ChainEntry; readonly error: DomainError }[];
}

const byPlace = (left: ChainEntry, right: ChainEntry): number => byCodeUnit(left.issuer, right.issuer) || left.seq - right.seq;

/**
 * Takes an entry into a replica, then everything that had waited for it, in the order of issuer and place, until nothing
 * more applies.
 *
 * Entries of one issuer about one chain never overtake each other. A repeated entry changes nothing.
 * @throws DomainError where the entry itself is refused.
 */
export function takeIn(replica: Replica, entry: ChainEntry, node: LocalNode): Intake {
  if (replica.parked.some(({ id }) => id === entry.id)) return { ...intakeOf(replica, 'unchanged') };
  const isBehind = entry.said.kind !== 'proposed' && replica.parked.some(({ issuer, seq }) => issuer === entry.issuer && seq < entry.seq);
  if (isBehind) return park(replica, entry);
  const outcome = decide(replica.chain, entry.said, node);
  if (outcome.status === 'premature') return park(replica, entry);
  if (outcome.status === 'ignored') return { outcome, parked: replica.parked.filter(({ said }) => said.termsHash !== entry.said.termsHash), refused: [] };
  return release({ outcome, parked: replica.parked, refused: [] }, node);
}

/** Takes a fact of this node into a replica, and what had waited for it. @throws DomainError where it is refused. */
export const takeInLocal = (replica: Replica, fact: Exclude<Fact, Said>, node: LocalNode): Intake =>
  release({ outcome: decide(replica.chain, fact, node), parked: replica.parked, refused: [] }, node);

function intakeOf({ chain, parked }: Replica, status: Outcome['status']): Intake {
  return { outcome: { status, chain, messages: [], capacityEffects: [], events: [], steps: [] }, parked, refused: [] };
}

function park(replica: Replica, entry: ChainEntry): Intake {
  return { ...intakeOf(replica, 'premature'), parked: [...replica.parked, entry].sort(byPlace) };
}

/** Each round takes the first waiting entry of some issuer, so the rounds are no more than the entries. */
function release(intake: Intake, node: LocalNode): Intake {
  if (intake.outcome.status !== 'applied') return intake;
  let at = intake;
  for (let round = 0; round < intake.parked.length; round += 1) {
    const next = releaseOne(at, node);
    if (next === null) return at;
    at = next;
  }
  return at;
}

function releaseOne(intake: Intake, node: LocalNode): Intake | null {
  const heads = intake.parked.filter((entry, index) => intake.parked[index - 1]?.issuer !== entry.issuer);
  for (const entry of heads) {
    const next = retry(intake, entry, node);
    if (next !== null) return next;
  }
  return null;
}

function retry(intake: Intake, entry: ChainEntry, node: LocalNode): Intake | null {
  const parked = intake.parked.filter(({ id }) => id !== entry.id);
  try {
    const outcome = decide(intake.outcome.chain, entry.said, node);
    return outcome.status === 'premature' ? null : { ...intake, outcome: after(intake.outcome, outcome), parked };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ...intake, parked, refused: [...intake.refused, { entry, error }] };
  }
}

/** Two outcomes, one after the other. */
function after(first: Outcome, second: Outcome): Outcome {
  return {
    status: first.status, chain: second.chain,
    messages: [...first.messages, ...second.messages],
    capacityEffects: [...first.capacityEffects, ...second.capacityEffects],
    events: [...first.events, ...second.events],
    steps: [...first.steps, ...second.steps],
  };
}
