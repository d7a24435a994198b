export type {
  NettingOutcome, NettingProblem, Obligation, PartyPosition, PartyPotential, RemainingAmount, UnitOutcome, UnitPositions, UnitReduction,
} from './netting.types.js';
export { parseAmount } from './parse-amount.js';
export { checkObligations, type ObligationRefusal } from './check-obligations.js';
export { netPositions } from './net-positions.js';
export { netObligations } from './net-obligations.js';
export { bilateralSetoff } from './bilateral-setoff.js';
export { verifyNetting } from './verify-netting.js';
export { outcomeDocument, type NettingOutcomeDocument } from './outcome-document.js';
