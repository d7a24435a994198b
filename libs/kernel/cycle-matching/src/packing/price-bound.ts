import type { PackingProblem } from './packing-problem.js';

/**
 * Row prices as integers: one unit of value is `scale` units of price.
 *
 * Any prices from zero up prove a bound: no packing is worth more than every capacity at its price
 * plus what columns are worth beyond the prices of their rows (weak duality; Geoffrion 1974).
 */
export interface ScaledPrices {
  readonly price: Float64Array;
  readonly scale: number;
}

/** Sums of prices stay below this, so that every comparison is exact. */
const PRICE_TOTAL_MAX = 2 ** 51;

/** The finest power of two by which prices of a problem can be scaled without leaving exact integers. */
export function priceScale(problem: PackingProblem): number {
  const valueMax = problem.value.reduce((most, value) => Math.max(most, value), 1);
  const units = problem.capacity.reduce((sum, capacity) => sum + capacity, 1);
  let scale = 1;
  while (scale < 2 ** 30 && valueMax * units * scale * 4 <= PRICE_TOTAL_MAX) scale *= 2;
  return scale;
}

/** Rounds prices up to scaled integers. */
export function scaledPrices(price: Float64Array, scale: number): ScaledPrices {
  return { price: price.map((value) => Math.ceil(Math.max(0, value) * scale)), scale };
}

/** What a column is worth beyond the prices of its rows, in units of price; negative where it costs more. */
export function surplus(problem: PackingProblem, { price, scale }: ScaledPrices, column: number): number {
  let rest = problem.value[column]! * scale;
  for (let at = problem.start[column]!; at < problem.start[column + 1]!; at += 1) rest -= price[problem.row[at]!]!;
  return rest;
}

/** The bound that prices prove, rounded down to an integer value. O(size of the columns). */
export function priceBound(problem: PackingProblem, prices: ScaledPrices): number {
  let total = 0;
  for (let row = 0; row < problem.rowCount; row += 1) total += problem.capacity[row]! * prices.price[row]!;
  for (let column = 0; column < problem.columnCount; column += 1) total += Math.max(0, surplus(problem, prices, column));
  return Math.floor(total / prices.scale);
}
