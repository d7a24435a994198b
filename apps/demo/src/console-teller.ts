import type { Teller } from '@kula/testing-story';

/** Tells the story on the terminal: one line per fact, with the node it happened on. */
export function consoleTeller(write: (text: string) => void, titleWidth: number): Teller {
  let number = 0;
  return {
    chapter: (title) => {
      number += 1;
      write(`\n${number}. ${title}\n`);
    },
    fact: (where, sentence) => write(`   ${where.padEnd(titleWidth)}  ${sentence}\n`),
    picture: (lines) => write(`\n${lines.map((line) => `      ${line}`).join('\n')}\n\n`),
  };
}
