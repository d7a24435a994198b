/** Who tells the story to people: one line per fact, with the node it happened on. */
export interface Teller {
  /** A new chapter begins. */
  chapter(title: string): void;
  /** Something happened. `where` is the node's title, or `everywhere`. */
  fact(where: string, sentence: string): void;
  /** A picture in plain text. */
  picture(lines: readonly string[]): void;
}

/** Says nothing. */
export const silentTeller: Teller = { chapter: () => undefined, fact: () => undefined, picture: () => undefined };
