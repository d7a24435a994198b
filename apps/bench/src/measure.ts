import { readFileSync } from 'node:fs';

/** One measured figure. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  /** The limit measured in the same run, and the ratio to it; empty where there is none. */
  readonly against: string;
}

/** What a benchmark answers: a table, and the same as plain numbers. */
export interface Measured {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly numbers: Readonly<Record<string, number>>;
}

/** Middle and 99th of a hundred of a list of durations. */
export function spread(durations: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = [...durations].sort((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Milliseconds that each of n runs of the work took, `parallel` at a time. */
export async function durationsOf(n: number, parallel: number, work: (index: number) => Promise<void>): Promise<number[]> {
  const durations: number[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next; index < n; index = next) {
      next += 1;
      const from = performance.now();
      await work(index);
      durations.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return durations;
}

/** Proportional memory of processes in MB, as the kernel accounts it (shared pages divided among those who share them). */
export function memoryOf(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0));
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

/** A number for people: three significant digits. */
export const short = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en-GB') : value.toPrecision(3));

/** `0.42 ms` */
export const milliseconds = (value: number): string => `${short(value)} ms`;
