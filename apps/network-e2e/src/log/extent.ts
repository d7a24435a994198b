/** Runs asked for by `npm run faults`; 0 in the ordinary tests, which take the short form once. */
export const RUNS = Number(process.env['KULA_FAULT_RUNS'] ?? 0);

/** Seed of the first run. */
export const FIRST_SEED = Number(process.env['KULA_FAULT_SEED'] ?? 1);

/** True where time is given for the long form. */
export const IS_LONG = RUNS > 0;

/** A number in the short form and in the long one. */
export const extent = (short: number, long: number): number => (IS_LONG ? long : short);

export const MINUTES = 60_000;

/** Tells figures to whoever runs the faults by hand. */
export function tell(line: string): void {
  if (IS_LONG || process.env['KULA_FAULT_TELL'] !== undefined) process.stderr.write(`${line}\n`);
}

/** Runs work and tells how long it took, and what else there is to tell: for people, never to be asserted. */
export async function timed<Result>(what: string, work: () => Promise<Result>, figures: (result: Result) => string = () => ''): Promise<Result> {
  const start = performance.now();
  const result = await work();
  tell(`${what}: ${((performance.now() - start) / 1_000).toFixed(1)} s${figures(result)}`);
  return result;
}
