/** What a set of rings is worth: people served first, then the sum of its legs' scores in millionths. */
export interface Worth {
  readonly people: number;
  readonly score: number;
}

/** The worth in which one person more outweighs `weight - 1` of score. */
export const worthOfValue = (value: number, weight: number): Worth => ({ people: Math.floor(value / weight), score: value % weight });

export const worthSum = (left: Worth, right: Worth): Worth => ({ people: left.people + right.people, score: left.score + right.score });

/** The worth as one number, where one person more outweighs `weight - 1` of score. */
export const valueOfWorth = ({ people, score }: Worth, weight: bigint): bigint => BigInt(people) * weight + BigInt(score);
