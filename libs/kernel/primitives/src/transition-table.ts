import { invariant } from './invariant.js';

/** A row per state; an empty row is terminal; a missing cell is a refusal. */
export type TransitionTable<State extends string, Event extends string> =
  Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>>;

/** The state that follows, or undefined where the table has no such transition. */
export function nextState<State extends string, Event extends string>(
  table: TransitionTable<State, Event>, state: State, event: Event,
): State | undefined {
  invariant(Object.hasOwn(table, state), `state ${state} has a row`);
  return table[state][event];
}

/** True where no event leads out of the state. */
export function isTerminal<State extends string, Event extends string>(
  table: TransitionTable<State, Event>, state: State,
): boolean {
  return Object.keys(table[state]).length === 0;
}

/**
 * Checks a table once, when the program starts: every target has a row and every state can be reached.
 *
 * @throws InvariantError naming the first offending state.
 */
export function checkTransitions<State extends string, Event extends string>(
  table: TransitionTable<State, Event>, initial: State,
): void {
  const reached = new Set<State>([initial]);
  for (const state of reached) {
    invariant(Object.hasOwn(table, state), `state ${state} has a row`);
    for (const target of Object.values<State | undefined>(table[state])) if (target !== undefined) reached.add(target);
  }
  for (const state of Object.keys(table) as State[]) invariant(reached.has(state), `state ${state} can be reached from ${initial}`);
}
