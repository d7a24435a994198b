import { setTimeout as pause } from 'node:timers/promises';

/** Far beyond what anything awaited here takes on a busy machine. */
const PATIENCE_MS = 300_000;
const LOOK_MS = 150;

/** Waits until the answer is neither undefined nor false; a failure to ask counts as no answer. @throws Error naming what was awaited and the last failure. */
export async function until<Answer>(what: string, ask: () => Promise<Answer | undefined | false>, patienceMs = PATIENCE_MS): Promise<Answer> {
  const deadline = Date.now() + patienceMs;
  let last = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs / 1_000} s for ${what}${last === '' ? '' : ` (${last})`}`);
    await pause(LOOK_MS);
  }
}

/** Waits until nothing lacks any more, for as long as what lacks goes on changing. @throws Error naming what still lacks when it has not changed for long. */
export async function untilNothingLacks(what: string, lacking: () => Promise<readonly string[]>): Promise<void> {
  let [last, deadline] = ['', 0];
  for (;;) {
    const words = await lacking().then((lacks) => lacks.join('; '), (error: unknown) => String(error));
    if (words === '') return;
    if (words !== last) [last, deadline] = [words, Date.now() + PATIENCE_MS];
    if (Date.now() > deadline) throw new Error(`nothing has moved for ${PATIENCE_MS / 1_000} s: ${what}: ${words}`);
    await pause(LOOK_MS);
  }
}
