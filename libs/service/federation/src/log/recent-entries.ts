import type { StoredEntry } from './entry-log.js';

/** Bytes of signed entries kept: a few batches, so that whoever copies them on is spared from reading them back. */
const BYTES_MAX = 16_000_000;

/**
 * The entries stored last by this process, by position.
 *
 * A position is given to one entry for good, so what was committed stays true. Answers only for runs without a gap; what
 * is not here is in the database.
 */
export class RecentEntries {
  private readonly entries = new Map<number, StoredEntry>();
  private bytes = 0;

  /** To be called after the commit. Forgets the oldest beyond the bound. */
  add(entries: readonly StoredEntry[]): void {
    for (const entry of entries) {
      this.remove(entry.position);
      this.entries.set(entry.position, entry);
      this.bytes += entry.jws.length;
    }
    for (const position of this.entries.keys()) {
      if (this.bytes <= BYTES_MAX) break;
      this.remove(position);
    }
  }

  /** Entries right behind a position, bounded as `EntryLog.after`; empty where the first of them is not here. */
  after(position: number, entriesMax: number, bytesMax: number): StoredEntry[] {
    const run: StoredEntry[] = [];
    for (let bytes = 0; run.length < entriesMax && bytes < bytesMax;) {
      const entry = this.entries.get(position + run.length + 1);
      if (entry === undefined) break;
      run.push(entry);
      bytes += entry.jws.length;
    }
    return run;
  }

  clear(): void {
    this.entries.clear();
    this.bytes = 0;
  }

  private remove(position: number): void {
    const entry = this.entries.get(position);
    if (entry === undefined) return;
    this.entries.delete(position);
    this.bytes -= entry.jws.length;
  }
}
