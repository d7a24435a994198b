/** What can happen in a schedule and is counted. A simulation in which one of them never happens does not test it. */
export const HAPPENINGS = [
  // What is done to the network and its nodes.
  'message lost', 'message doubled', 'message delayed', 'cable cut', 'crash', 'stream lost', 'restore with stream', 'restore without stream', 'late joiner',
  'key rotated', 'key recovered', 'checkpoint written', 'entry forgotten',
  // What nodes make of it.
  'log only relayed', 'gap filled', 'snapshot adopted', 'own snapshot adopted', 'snapshot refused', 'own entry recovered', 'entry salvaged', 'draft found sealed',
  'log doubted', 'claim disbelieved', 'entry handed over again', 'forgery refused', 'false proof refused', 'fork traced', 'contradiction found', 'contradiction told',
  'frozen log lowered', 'frozen log caught up', 'proof everywhere',
] as const;

export type Happening = (typeof HAPPENINGS)[number];

export type HappeningCounts = Readonly<Record<Happening, number>>;

/** Counts of a schedule in which nothing has happened. */
export const noHappenings = (): Record<Happening, number> => Object.fromEntries(HAPPENINGS.map((happening) => [happening, 0])) as Record<Happening, number>;

/** Counts what happens, and tells it where somebody wants to read it. */
export class Diary {
  readonly counts = noHappenings();
  readonly lines: string[] = [];

  /** @param isTold whether lines are kept. @param now the virtual time in milliseconds. */
  constructor(private readonly isTold: boolean, private readonly now: () => number) {}

  /** @param words who, and what; undefined where the count is enough. */
  note(happening: Happening, words?: () => string): void {
    this.counts[happening] += 1;
    if (words !== undefined) this.tell(words);
  }

  tell(words: () => string): void {
    if (this.isTold) this.lines.push(`${(this.now() / 1_000).toFixed(3).padStart(9)} s  ${words()}`);
  }
}
