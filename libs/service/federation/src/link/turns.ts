/** Most arrivals taken in one turn while others wait for theirs. */
export const TURN_ENTRIES = 100;

/**
 * One piece of work at a time, in the order of asking.
 *
 * A link asks for one turn and, when it has had it, queues up again behind the others: one that never runs dry takes no more
 * than its share. What waits for the network waits outside.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private asking = 0;

  /** True while anybody else waits. */
  get othersWait(): boolean { return this.asking > 1; }

  /** Runs the work when everybody who asked before has had a turn. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    this.asking += 1;
    const turn = this.last.then(work).finally(() => { this.asking -= 1; });
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
