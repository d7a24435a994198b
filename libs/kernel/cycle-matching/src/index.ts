export { countCycles, type CycleCounts, type LengthCount } from './enumeration/count-cycles.js';
export {
  checkPool, CYCLE_CAP_MAX, cycleValue, SCORE_ALONE, SCORE_MAX, servedThenScore, VERTEX_COUNT_MAX,
  type ExchangePool, type Objective, type PoolArc, type VertexCapacity,
} from './pool/exchange-pool.js';
export { CYCLE_COUNT_MAX, findCycles, type FoundCycles, type LeftOut, type PoolCycle } from './enumeration/find-cycles.js';
export { bestSelection, selectCycles } from './selection/select-cycles.js';
export type { ComponentProof, Selection, SelectionComponent, VertexPrice, VertexPrices } from './selection/selection.types.js';
export { verifySelection } from './verification/verify-selection.js';
