/** Waits for every promise, then throws the first failure: nothing goes on starting behind the back of whoever stops the rest. */
export async function allDone(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) if (outcome.status === 'rejected') throw outcome.reason;
}
