import { byCodeUnit, InvariantError } from '@kula/kernel-primitives';
import { checkObligations } from './check-obligations.js';
import type { NettingOutcome, NettingProblem, Obligation, UnitOutcome } from './netting.types.js';

/**
 * Returns only where the outcome is the right one for the problem, up to the choice among equally good set-offs.
 *
 * Checked per unit: exactly the problem's ids and parties, sorted; no obligation grew; every net position is what it was; the
 * totals add up; what a pair cleared went to its oldest obligations; the certificate proves that nothing more can be cleared, and
 * it is the least such certificate. Shares no code with the solver. O(n log n).
 * @throws InvariantError naming the unit and the first thing that is wrong.
 */
export function verifyNetting(problem: NettingProblem, outcome: NettingOutcome): void {
  const [refusal] = checkObligations(problem.obligations);
  if (refusal !== undefined) wrong(`its problem is invalid: ${refusal.pointer} ${refusal.detail}`);
  const books = new Map<string, Obligation[]>();
  for (const obligation of problem.obligations) {
    const book = books.get(obligation.unit);
    if (book === undefined) books.set(obligation.unit, [obligation]);
    else book.push(obligation);
  }
  demandNames('units', books.keys(), outcome.perUnit.map(({ unit }) => unit));
  for (const unit of outcome.perUnit) {
    const claims = claimsOf(books.get(unit.unit)!, unit);
    verifyPositions(claims, unit);
    verifyTotals(claims, unit);
    verifySplit(claims, unit);
    verifyCertificate(claims, unit);
    verifyLeast(claims, unit);
  }
}

/** An obligation together with what is said to remain of it. */
interface Claim extends Obligation {
  readonly remaining: bigint;
}

function wrong(message: string): never {
  throw new InvariantError(`netting outcome: ${message}`);
}

/** The names given are those expected, each once, in code unit order. */
function demandNames(what: string, expected: Iterable<string>, given: readonly string[]): void {
  const names = [...expected].sort(byCodeUnit);
  const length = Math.max(names.length, given.length);
  for (let index = 0; index < length; index += 1) {
    if (names[index] !== given[index]) wrong(`${what}: ${names[index] ?? 'nothing'} is expected at ${index}, not ${given[index] ?? 'nothing'}`);
  }
}

function claimsOf(book: readonly Obligation[], { unit, remaining }: UnitOutcome): Claim[] {
  demandNames(`${unit}: remaining ids`, book.map(({ id }) => id), remaining.map(({ id }) => id));
  const remainingOf = new Map(remaining.map((entry) => [entry.id, entry.remaining]));
  return book.map((obligation) => {
    const left = remainingOf.get(obligation.id)!;
    if (left < 0n || left > obligation.amount) wrong(`${unit}: remaining of ${obligation.id} is ${left}, outside 0 to ${obligation.amount}`);
    return { ...obligation, remaining: left };
  });
}

function verifyPositions(claims: readonly Claim[], { unit, positions }: UnitOutcome): void {
  const before = new Map<string, bigint>();
  const after = new Map<string, bigint>();
  for (const { debtor, creditor, amount, remaining } of claims) {
    before.set(debtor, (before.get(debtor) ?? 0n) - amount);
    before.set(creditor, (before.get(creditor) ?? 0n) + amount);
    after.set(debtor, (after.get(debtor) ?? 0n) - remaining);
    after.set(creditor, (after.get(creditor) ?? 0n) + remaining);
  }
  demandNames(`${unit}: parties with positions`, before.keys(), positions.map(({ party }) => party));
  for (const { party, position } of positions) {
    if (position !== before.get(party)) wrong(`${unit}: position of ${party} is ${before.get(party)}, not ${position}`);
    if (position !== after.get(party)) wrong(`${unit}: position of ${party} changes from ${position} to ${after.get(party)}`);
  }
}

function verifyTotals(claims: readonly Claim[], { unit, grossTotal, netTotal, cleared, netInternalDebt, positions }: UnitOutcome): void {
  const gross = claims.reduce((sum, { amount }) => sum + amount, 0n);
  const net = claims.reduce((sum, { remaining }) => sum + remaining, 0n);
  const owedOnBalance = positions.reduce((sum, { position }) => (position > 0n ? sum + position : sum), 0n);
  if (grossTotal !== gross) wrong(`${unit}: gross total is ${gross}, not ${grossTotal}`);
  if (netTotal !== net) wrong(`${unit}: net total is ${net}, not ${netTotal}`);
  if (cleared !== gross - net) wrong(`${unit}: cleared is ${gross - net}, not ${cleared}`);
  if (netInternalDebt !== owedOnBalance) wrong(`${unit}: net internal debt is ${owedOnBalance}, not ${netInternalDebt}`);
}

/** Between two parties, no obligation is reduced before all that are due sooner are gone. */
function verifySplit(claims: readonly Claim[], { unit }: UnitOutcome): void {
  const inOrder = [...claims].sort((left, right) =>
    byCodeUnit(left.debtor, right.debtor) || byCodeUnit(left.creditor, right.creditor)
    || byCodeUnit(left.dueAt ?? '~', right.dueAt ?? '~') || byCodeUnit(left.id, right.id));
  for (const [index, later] of inOrder.entries()) {
    const sooner = inOrder[index - 1];
    if (sooner?.debtor !== later.debtor || sooner.creditor !== later.creditor) continue;
    if (sooner.remaining > 0n && later.remaining < later.amount) wrong(`${unit}: ${later.id} is reduced before ${sooner.id}`);
  }
}

function verifyCertificate(claims: readonly Claim[], outcome: UnitOutcome): void {
  const { unit, cleared } = outcome;
  demandPotentials(claims, outcome);
  const gainOf = gains(outcome);
  let bound = 0n;
  for (const claim of claims) {
    const gain = gainOf(claim);
    if (gain > 0 && claim.remaining > 0n) wrong(`${unit}: ${claim.id} gains ${gain} but is not fully cleared`);
    if (gain < 0 && claim.remaining < claim.amount) wrong(`${unit}: ${claim.id} gains ${gain} but is reduced`);
    if (gain > 0) bound += claim.amount * BigInt(gain);
  }
  if (bound !== cleared) wrong(`${unit}: the certificate allows ${bound}, cleared is ${cleared}`);
}

function demandPotentials(claims: readonly Claim[], { unit, potentials }: UnitOutcome): void {
  const parties = new Set(claims.flatMap(({ debtor, creditor }) => [debtor, creditor]));
  demandNames(`${unit}: parties with potentials`, parties, potentials.map(({ party }) => party));
  for (const { party, potential } of potentials) {
    if (!Number.isSafeInteger(potential) || potential < 0) wrong(`${unit}: potential of ${party} is ${potential}, not an integer from 0 up`);
  }
}

/** Every potential is needed: a chain of claims without gain leads to its party from one whose potential is zero. */
function verifyLeast(claims: readonly Claim[], outcome: UnitOutcome): void {
  const gainOf = gains(outcome);
  const supports = new Map<string, string[]>();
  const support = (by: string, party: string) => {
    const parties = supports.get(by);
    if (parties === undefined) supports.set(by, [party]);
    else parties.push(party);
  };
  for (const claim of claims) {
    if (gainOf(claim) !== 0) continue;
    if (claim.remaining > 0n) support(claim.creditor, claim.debtor);
    if (claim.remaining < claim.amount) support(claim.debtor, claim.creditor);
  }
  const supported = new Set(outcome.potentials.filter(({ potential }) => potential === 0).map(({ party }) => party));
  for (const party of supported) for (const next of supports.get(party) ?? []) supported.add(next);
  for (const { party, potential } of outcome.potentials) {
    if (!supported.has(party)) wrong(`${outcome.unit}: potential of ${party} is ${potential}, more than the certificate needs`);
  }
}

function gains({ potentials }: UnitOutcome): (claim: Claim) => number {
  const potentialOf = new Map(potentials.map(({ party, potential }) => [party, potential]));
  return ({ debtor, creditor }) => 1 - potentialOf.get(debtor)! + potentialOf.get(creditor)!;
}
