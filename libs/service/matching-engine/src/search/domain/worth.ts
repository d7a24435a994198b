/** What a set of rings is worth: people served first, then the sum of its legs' scores in millionths. */
export interface Worth {
  readonly people: bigint;
  readonly score: bigint;
}

export const NO_WORTH: Worth = { people: 0n, score: 0n };

export const sumOfWorths = (worths: readonly Worth[]): Worth => worths.reduce(
  (sum, { people, score }) => ({ people: sum.people + people, score: sum.score + score }), NO_WORTH,
);

/** The worth in which one person more outweighs `weight - 1` of score. */
export const worthOfValue = (value: bigint, weight: number): Worth => ({ people: value / BigInt(weight), score: value % BigInt(weight) });

/** The worth as one number, where one person more outweighs `weight - 1` of score. */
export const valueOfWorth = ({ people, score }: Worth, weight: bigint): bigint => people * weight + score;
