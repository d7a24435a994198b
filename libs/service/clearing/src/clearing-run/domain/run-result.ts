import { hashDocument } from '@kula/kernel-crypto';
import { netObligations, outcomeDocument, verifyNetting } from '@kula/kernel-netting';
import { rootOfSet, type Candidate } from './frozen-set.js';

/** What a run makes of one obligation. */
export interface RunLine {
  readonly obligationId: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly before: bigint;
  readonly after: bigint;
}

/** A node's own calculation of a run, with the two hashes by which nodes compare theirs. Amounts in minor units of one unit. */
export interface RunResult {
  readonly setRoot: string;
  readonly resultHash: string;
  readonly grossTotal: bigint;
  readonly netTotal: bigint;
  readonly positions: readonly { readonly party: string; readonly position: bigint }[];
  readonly potentials: readonly { readonly party: string; readonly potential: number }[];
  /** By obligation id. */
  readonly lines: readonly RunLine[];
}

/**
 * The greatest set-off of a frozen set, checked before it is believed.
 *
 * The root of the set picks among equally good set-offs. @throws InvariantError where the outcome does not verify.
 */
export function computeResult(set: readonly Candidate[], unit: string): RunResult {
  const setRoot = rootOfSet(set);
  const obligations = set.map(({ obligationId: id, debtor, creditor, remaining: amount, dueAt }) => ({ id, debtor, creditor, amount, unit, ...(dueAt !== null && { dueAt }) }));
  const problem = { obligations, salt: setRoot };
  const outcome = netObligations(problem);
  verifyNetting(problem, outcome);
  const ofUnit = outcome.perUnit[0];
  const remaining = new Map(ofUnit?.remaining.map((line) => [line.id, line.remaining]));
  return {
    setRoot, resultHash: hashDocument(outcomeDocument(outcome)), grossTotal: ofUnit?.grossTotal ?? 0n, netTotal: ofUnit?.netTotal ?? 0n,
    positions: ofUnit?.positions ?? [], potentials: ofUnit?.potentials ?? [],
    lines: obligations.map(({ id, debtor, creditor, amount }) => ({ obligationId: id, debtor, creditor, before: amount, after: remaining.get(id) ?? amount })),
  };
}
