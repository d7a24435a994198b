/** Millionths: this is one. */
const ONE = 1_000_000;

/** What a node is taken to say of a member it has attested nothing about. */
const NEUTRAL = ONE / 2;

/** What counts for and against a node before the first experience: two to two. */
const PRIOR = 2 * ONE;

/** Experiences before a node can lose its good standing, and the credibility below which it does. */
const EXPERIENCES_MIN = 5;
const CREDIBILITY_MIN = 200_000;

/** Credibility of a node nobody here has experience with. */
export const CREDIBILITY_START = NEUTRAL;

/** What speaks for and against a node, in millionths of one agreement. */
export interface Evidence {
  readonly agreement: number;
  readonly disagreement: number;
}

/**
 * What one exchange says about the node that attested the member.
 *
 * Both figures in millionths: the satisfaction rate attested before the exchange (null: none) and the recipient's answer.
 * Gain = (½ − actual)² − (claimed − actual)²: how much better the claim foresaw the answer than no claim at all. Four times the gain
 * agrees (at most 1), four times the loss disagrees (at most 3). The squared error makes honesty pay: over many exchanges the
 * rate that a node should attest is the true one (Brier 1950).
 *
 * @invariant one of the two is zero; no claim is no evidence.
 */
export function weighExperience(claimed: number | null, actual: number): Evidence {
  const gain = squared(NEUTRAL - actual) - squared((claimed ?? NEUTRAL) - actual);
  return { agreement: Math.max(0, 4 * gain), disagreement: Math.max(0, -4 * gain) };
}

/** The square of a number of millionths, in millionths, rounded down. */
const squared = (difference: number): number => Math.floor((difference * difference) / ONE);

/**
 * Credibility by all evidence, in millionths: (2 + agreement) / (4 + agreement + disagreement), rounded down.
 *
 * The mean of a Beta distribution that began with two counts on either side. The order of the experiences does not matter.
 *
 * @invariant more than 0 and less than 1,000,000.
 */
export function credibilityOf({ agreement, disagreement }: Evidence): number {
  const pro = BigInt(PRIOR + agreement);
  const contra = BigInt(PRIOR + disagreement);
  return Number((pro * BigInt(ONE)) / (pro + contra));
}

/** False where at least five experiences have brought the credibility below 200,000. */
export const isInGoodStanding = (credibility: number, experiences: number): boolean =>
  experiences < EXPERIENCES_MIN || credibility >= CREDIBILITY_MIN;
