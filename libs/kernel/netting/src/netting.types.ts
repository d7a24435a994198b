/**
 * One party owes another an amount of one unit of account.
 *
 * `amount` counts minor units and is positive, of any size. Ids, parties and units are compared by code unit, never by locale.
 * `dueAt` is `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS.sssZ`; an obligation without it is due last.
 */
export interface Obligation {
  readonly id: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: bigint;
  readonly unit: string;
  readonly dueAt?: string;
}

/** A frozen set of obligations. `salt` picks among equally good set-offs: the hash of the frozen set, so that nobody can steer it. */
export interface NettingProblem {
  readonly obligations: readonly Obligation[];
  readonly salt: string;
}

/** What a party is owed less what it owes, in minor units. */
export interface PartyPosition {
  readonly party: string;
  readonly position: bigint;
}

/** What is still owed under one obligation, from 0 to its amount. */
export interface RemainingAmount {
  readonly id: string;
  readonly remaining: bigint;
}

/** A party's share of the optimality certificate: an integer from 0 to the number of parties. */
export interface PartyPotential {
  readonly party: string;
  readonly potential: number;
}

/** Net positions of one unit of account. `netInternalDebt` is their positive half: no way of settling them moves less. */
export interface UnitPositions {
  readonly unit: string;
  readonly netInternalDebt: bigint;
  readonly positions: readonly PartyPosition[];
}

/** Remaining amounts of one unit after a reduction of its obligations. `cleared` = `grossTotal` − `netTotal`. */
export interface UnitReduction {
  readonly unit: string;
  readonly grossTotal: bigint;
  readonly netTotal: bigint;
  readonly cleared: bigint;
  readonly remaining: readonly RemainingAmount[];
}

/**
 * The greatest set-off of one unit of account and the proof that it is the greatest.
 *
 * gain(u owes v) = 1 − potential[u] + potential[v]. A positive gain means fully cleared, a negative one untouched, hence
 * `cleared` = Σ amount·max(0, gain), and no set-off clears more than that sum.
 */
export interface UnitOutcome extends UnitPositions, UnitReduction {
  readonly potentials: readonly PartyPotential[];
}

/** One outcome per unit, all lists sorted by code unit. */
export interface NettingOutcome {
  readonly perUnit: readonly UnitOutcome[];
}
