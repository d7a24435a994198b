/** Chooses among equally good set-offs: a pseudo-random preference per pair, from 0 to 2^32 − 1. The lower, the sooner the pair stays owed. */
export interface TieBreak {
  /** Preference of the pair (debtor, creditor) of party numbers. */
  of(debtor: number, creditor: number): number;
}

const FIRST_ROUND_BITS = 16;
const BITS_PER_ROUND = 4;

/**
 * Preferences of one round: 16 bits in round 0, 4 more in each later one up to 32.
 *
 * A function of the parties' names, the salt and the round alone. Not a cryptographic hash: it need not be, as long as
 * the salt is fixed only when the set of obligations is. O(Σ length of names).
 */
export function tieBreak(parties: readonly string[], salt: string, round: number): TieBreak {
  const bits = Math.min(32, FIRST_ROUND_BITS + BITS_PER_ROUND * round);
  const seed = mixed(textHash(salt, 0x9e3779b9) + Math.imul(round, 0x7feb352d));
  const owing = Uint32Array.from(parties, (party) => textHash(party, seed));
  const owed = Uint32Array.from(parties, (party) => textHash(party, mixed(seed ^ 0x5bd1e995)));
  return {
    of: (debtor, creditor) => {
      const pairHash = mixed(mixed(owing[debtor]! + Math.imul(owed[creditor]!, 0x01000193)) + owed[debtor]! ^ owing[creditor]!);
      return pairHash >>> (32 - bits);
    },
  };
}

/** FNV-1a over code units from a given basis, then mixed. */
function textHash(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash + text.length);
}

/** A bijection of 32-bit words in which every input bit reaches every output bit. */
function mixed(word: number): number {
  let hash = word | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 15)) >>> 0;
}
