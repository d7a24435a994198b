import type { Ed25519 } from '@kula/kernel-crypto';
import { buildEquivocationProof, type EquivocationProof } from '../audit/equivocation-proof.js';
import type { KeyLookup } from '../entry/entry.js';
import { openEntry } from '../entry/open-entry.js';

/** Two runs of one issuer's entries that disagree, in order: the one held and the one that has arrived. */
export interface ContradictingRuns {
  readonly net: string;
  readonly issuer: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly keyOf: KeyLookup;
}

/** The proof that the issuer has said both; undefined where one of the runs carries no signature that holds. */
export function proveEquivocation(ed25519: Ed25519, { net, issuer, ours, theirs, keyOf }: ContradictingRuns): EquivocationProof | undefined {
  /** The shortest beginning whose last entry carries a signature that holds: usually one entry. */
  const signedRun = (entries: readonly string[]): readonly string[] =>
    entries.slice(0, 1 + entries.findIndex((jws) => !('refused' in openEntry(ed25519, jws, keyOf, { net, iss: issuer }))));
  const proof = buildEquivocationProof(ed25519, { iss: issuer, left: signedRun(ours), right: signedRun(theirs) }, keyOf, { net });
  return 'refused' in proof ? undefined : proof;
}
