export { invariant, InvariantError } from './invariant.js';
export { DomainError, type ErrorParams } from './domain-error.js';
export { checkTransitions, isTerminal, nextState, type TransitionTable } from './transition-table.js';
export { byCodeUnit } from './ordering.js';
