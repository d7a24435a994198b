import type { Ed25519 } from '@kula/kernel-crypto';
import { buildEquivocationProof, openEntry, walkBatch, type EquivocationProof, type Head, type KeyLookup, type OpenedEntry } from '@kula/kernel-federation-log';

/** A run of one issuer's entries, in order. */
export interface Branch {
  readonly entries: readonly string[];
  /** The entry that the first one of them names as previous. */
  readonly after: Head | undefined;
}

/** Whose branches they are. */
export interface BranchIssuer {
  readonly net: string;
  readonly issuer: string;
  readonly keyOf: KeyLookup;
}

/** The proof that two branches contradict each other; undefined where one of them carries no signature of the issuer. */
export function proveEquivocation(ed25519: Ed25519, ours: Branch, theirs: Branch, of: BranchIssuer): EquivocationProof | undefined {
  const left = signedRun(ed25519, ours, of);
  const right = signedRun(ed25519, theirs, of);
  return left && right && buildEquivocationProof(left, right);
}

/** The shortest beginning of a branch whose last entry carries a signature that holds: usually its first entry. */
function signedRun(ed25519: Ed25519, { entries, after }: Branch, { net, issuer, keyOf }: BranchIssuer): readonly OpenedEntry[] | undefined {
  const expected = { net, iss: issuer };
  for (const [index, jws] of entries.entries()) {
    const entry = openEntry(ed25519, jws, keyOf, expected);
    if ('refused' in entry) continue;
    if (index === 0) return [entry];
    const { accepted } = walkBatch(ed25519, { entries: entries.slice(0, index + 1), head: after, keyOf, expected });
    return accepted.length === index + 1 ? accepted : undefined;
  }
  return undefined;
}
