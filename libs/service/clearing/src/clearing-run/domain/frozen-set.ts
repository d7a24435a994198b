import { hashDocument } from '@kula/kernel-crypto';
import { byCodeUnit } from '@kula/kernel-primitives';

/** Where a signature stands: an entry in the log of a node. */
export interface EntryPlace { readonly issuer: string; readonly seq: number }

/** An open obligation, as far as a run looks at it. `dueAt`: `YYYY-MM-DDTHH:MM:SS.sssZ`. `signedAt`: the entries of both signatures. */
export interface Candidate {
  readonly obligationId: string;
  readonly statementHash: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly remaining: bigint;
  readonly dueAt: string | null;
  readonly signedAt: readonly [EntryPlace, EntryPlace];
}

/** The last entry of each issuer that counts for a run. */
export type Cutoff = Readonly<Record<string, number>>;

/** Obligations that one run takes at most. Bounds the work of a run; sums of as many amounts of 38 digits have 42 digits at most. */
export const OBLIGATIONS_MAX = 10_000;

const oldestFirst = (left: Candidate, right: Candidate) =>
  byCodeUnit(left.dueAt ?? '~', right.dueAt ?? '~') || byCodeUnit(left.obligationId, right.obligationId);

/**
 * The set of a run, by obligation id: every candidate signed by both sides in entries up to the cut-off.
 *
 * Where there are more than 10,000, those due first, undated ones last, then by id. A function of the candidates and the cut-off,
 * whatever their order: every node that has the entries up to the cut-off has the same set.
 */
export function frozenSet(candidates: readonly Candidate[], cutoff: Cutoff): readonly Candidate[] {
  const isWithin = ({ issuer, seq }: EntryPlace) => seq <= (cutoff[issuer] ?? 0);
  return candidates.filter(({ signedAt }) => signedAt.every(isWithin))
    .sort(oldestFirst).slice(0, OBLIGATIONS_MAX)
    .sort((left, right) => byCodeUnit(left.obligationId, right.obligationId));
}

/** Hash of a set: names exactly which statements are netted, and with what amounts. */
export function rootOfSet(set: readonly Candidate[]): string {
  const lines = [...set].sort((left, right) => byCodeUnit(left.obligationId, right.obligationId));
  return hashDocument(lines.map(({ obligationId, statementHash, remaining }) => ({
    obligation_id: obligationId, statement_hash: statementHash, remaining: String(remaining),
  })));
}

/** An RFC 3339 time in UTC, cut or filled to the millisecond, so that times compare as text. */
export function toMillisecond(instant: string): string {
  const fraction = /\.(\d+)Z$/.exec(instant)?.[1] ?? '';
  return `${instant.slice(0, 19)}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}
