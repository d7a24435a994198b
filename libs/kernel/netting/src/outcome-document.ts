import type { NettingOutcome } from './netting.types.js';

/** A netting outcome as plain JSON: amounts are decimal strings. Equal outcomes have equal canonical bytes, so it can be hashed and signed. */
export type NettingOutcomeDocument = {
  readonly perUnit: readonly {
    readonly unit: string;
    readonly grossTotal: string;
    readonly netTotal: string;
    readonly cleared: string;
    readonly netInternalDebt: string;
    readonly positions: readonly { readonly party: string; readonly position: string }[];
    readonly remaining: readonly { readonly id: string; readonly remaining: string }[];
    readonly potentials: readonly { readonly party: string; readonly potential: number }[];
  }[];
};

/** The document of an outcome, in the outcome's own order. O(size). */
export function outcomeDocument(outcome: NettingOutcome): NettingOutcomeDocument {
  return {
    perUnit: outcome.perUnit.map((unit) => ({
      unit: unit.unit,
      grossTotal: String(unit.grossTotal),
      netTotal: String(unit.netTotal),
      cleared: String(unit.cleared),
      netInternalDebt: String(unit.netInternalDebt),
      positions: unit.positions.map(({ party, position }) => ({ party, position: String(position) })),
      remaining: unit.remaining.map(({ id, remaining }) => ({ id, remaining: String(remaining) })),
      potentials: unit.potentials.map(({ party, potential }) => ({ party, potential })),
    })),
  };
}
