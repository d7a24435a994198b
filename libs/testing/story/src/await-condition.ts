const PATIENCE_MS = 120_000;
const PAUSE_MS = 100;

/** Waits until the answer is neither undefined nor false. Fails after two minutes, naming what was awaited. */
export async function awaitCondition<Answer>(what: string, ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited two minutes for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
