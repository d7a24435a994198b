import { readFileSync, statSync, truncateSync } from 'node:fs';

const LOG_BYTES_MAX = 8 * 1024 * 1024;

/** Empties a log that has grown past 8 MB; returns the length of what is left, where the next run's lines begin. */
export function openLog(file: string): number {
  try {
    const { size } = statSync(file);
    if (size <= LOG_BYTES_MAX) return size;
    truncateSync(file);
  } catch {
    // No log yet: it begins at zero.
  }
  return 0;
}

/** What was written to a log from a given position on. */
export function logSince(file: string, from: number): string {
  try {
    return readFileSync(file).subarray(from).toString('utf8');
  } catch {
    return '';
  }
}

/** The last lines of a log text, for a message. */
export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
