import { byCodeUnit, invariant } from '@kula/kernel-primitives';
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

/**
 * The proof that two branches contradict each other, or undefined where they do not.
 *
 * The same for either order of the branches. O(entries).
 *
 * @throws InvariantError where a branch is empty, or the two are of different issuers or networks.
 */
export function buildEquivocationProof(left: readonly OpenedEntry[], right: readonly OpenedEntry[]): EquivocationProof | undefined {
  const [first, second] = [left.at(-1), right.at(-1)];
  invariant(first !== undefined && second !== undefined, 'a branch has an entry');
  const { iss, net } = first.payload;
  invariant(second.payload.iss === iss && second.payload.net === net, 'both branches are of one issuer in one network');
  if (contradiction(left, right) === undefined) return undefined;
  const [lower, upper] = [left.map((entry) => entry.jws), right.map((entry) => entry.jws)].sort((a, b) => byCodeUnit(a.at(-1)!, b.at(-1)!));
  return { v: 1, net, iss, left: lower!, right: upper! };
}

/**
 * What a proof received from anyone shows, or why it shows nothing. Needs the keys and nothing else: no log, no state.
 *
 * Two signature verifications, O(bytes) hashing. Never throws on bad input.
 */
export function verifyEquivocationProof(
  ed25519: Ed25519, proof: Json | EquivocationProof, keyOf: KeyLookup, expected: Pick<ExpectedEntry, 'net' | 'keyIsValidAt'>,
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
