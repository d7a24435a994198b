export * from './core/define.js';
export * from './core/values.js';
export * from './core/caller.js';
export * from './core/problems.js';
export * from './messages/index.js';
export * as identity from './identity/operations.js';
export * as matching from './matching/index.js';
export * as exchange from './exchange/index.js';
export * as trust from './trust/index.js';
export * as agreement from './agreement/index.js';
export * as clearing from './clearing/operations.js';
export * as federation from './federation/operations.js';
export { appliedEntry, entryDraft, type AppliedEntry, type EntryDraft } from './federation/applied-entry.js';
export {
  logHead, openAnswer, openRequest, PEER_API, peerRefusal, rangeAnswer, rangeRequest,
  type OpenAnswer, type OpenRequest, type PeerRefusal, type RangeAnswer, type RangeRequest,
} from './federation/peer-api.js';
export { OPERATIONS, type ErrorCode } from './operations.js';
