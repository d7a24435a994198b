import { byCodeUnit } from '@kula/kernel-primitives';
import type { Ed25519, Json, NodeId } from '@kula/kernel-crypto';
import { isNodeId, type KeyLookup } from '../entry/entry.js';
import type { ExpectedEntry, OpenedEntry } from '../entry/entry-parts.js';
import { BATCH_ENTRIES_MAX, openChain } from '../acceptance/walk-batch.js';

/**
 * Two branches of one log that contradict each other. Carries everything but the keys.
 *
 * A branch is one entry or an unbroken run of them whose last signature holds. It is the issuer's word on the hash at
 * every sequence number it covers, and at the one before, which its first entry names as `prev`. The usual proofs have
 * one entry on each side: two entries of one sequence number, or an entry and a next one that names another previous.
 */
export interface EquivocationProof {
  readonly v: 1;
  readonly net: string;
  readonly iss: NodeId;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/** What a proof shows. */
export interface Equivocation {
  readonly iss: NodeId;
  /** Lowest sequence number on which the branches contradict each other; the log is agreed at most up to the one before. */
  readonly at: number;
  /** The two hashes given for it, in the order of the branches. */
  readonly hashes: readonly [string, string];
}

/** Why something is no proof, in order of precedence. */
export interface ProofRefusal {
  readonly refused: 'proof.malformed' | 'proof.wrong_network' | 'proof.unsigned_branch' | 'proof.no_contradiction';
}

/** What the checker of a proof demands of it. */
export type ExpectedProof = Pick<ExpectedEntry, 'net' | 'keyIsValidAt'>;

/**
 * The proof that two branches contradict each other, checked as a receiver will check it, or why it would be refused.
 *
 * After an equivocation verdict the branches are the entry stored at `at` and the arriving one. Where that is refused as
 * `proof.unsigned_branch`, the issuer signed over an entry of its own whose signature does not hold: lengthen the branch
 * by the entries that follow, up to one that is signed. The same proof for either order of the branches.
 */
export function buildEquivocationProof(
  ed25519: Ed25519, { iss, left, right }: Pick<EquivocationProof, 'iss' | 'left' | 'right'>, keyOf: KeyLookup, expected: ExpectedProof,
): EquivocationProof | ProofRefusal {
  const [lower, upper] = byCodeUnit(left.at(-1) ?? '', right.at(-1) ?? '') < 0 ? [left, right] : [right, left];
  const proof: EquivocationProof = { v: 1, net: expected.net, iss, left: lower, right: upper };
  const found = verifyEquivocationProof(ed25519, proof, keyOf, expected);
  return 'refused' in found ? found : proof;
}

/**
 * What a proof received from anyone shows, or why it shows nothing. Needs the keys and nothing else: no log, no state.
 *
 * Two signature verifications, O(bytes) hashing. Never throws on bad input.
 */
export function verifyEquivocationProof(
  ed25519: Ed25519, proof: Json | EquivocationProof, keyOf: KeyLookup, expected: ExpectedProof,
): Equivocation | ProofRefusal {
  if (!isProof(proof)) return { refused: 'proof.malformed' };
  if (proof.net !== expected.net) return { refused: 'proof.wrong_network' };
  const open = (entries: readonly string[]) => openChain(ed25519, { entries, keyOf, expected: { ...expected, iss: proof.iss } });
  const left = open(proof.left);
  const right = left && open(proof.right);
  if (left === undefined || right === undefined) return { refused: 'proof.unsigned_branch' };
  const found = contradiction(left, right);
  return found === undefined ? { refused: 'proof.no_contradiction' } : { iss: proof.iss, ...found };
}

function isProof(value: Json | EquivocationProof): value is EquivocationProof {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const proof = value as { readonly [name: string]: Json | undefined };
  return Object.keys(proof).length === 5 && proof['v'] === 1 && typeof proof['net'] === 'string'
    && typeof proof['iss'] === 'string' && isNodeId(proof['iss']) && isBranch(proof['left']) && isBranch(proof['right']);
}

function isBranch(value: Json | undefined): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > BATCH_ENTRIES_MAX) return false;
  return value.every((entry: Json) => typeof entry === 'string');
}

function contradiction(left: readonly OpenedEntry[], right: readonly OpenedEntry[]): Omit<Equivocation, 'iss'> | undefined {
  const said = hashesSaid(left);
  for (const [at, hash] of hashesSaid(right)) {
    const other = said.get(at);
    if (other !== undefined && other !== hash) return { at, hashes: [other, hash] };
  }
  return undefined;
}

/** The hashes a branch gives, by sequence number, lowest first. */
function hashesSaid(branch: readonly OpenedEntry[]): Map<number, string> {
  const [first] = branch;
  const said = new Map<number, string>();
  if (first !== undefined) said.set(first.payload.seq - 1, first.payload.prev);
  for (const { payload, hash } of branch) said.set(payload.seq, hash);
  return said;
}
