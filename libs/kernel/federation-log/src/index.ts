export { isTopic, isTopicToken, subjectOf, TOPICS, type Topic } from './entry/topics.js';
export {
  ENTRY_BYTES_MAX, entryId, firstKey, GENESIS_PREVIOUS, hashEntry, isHash, isNodeId, readKid, TIME_MS_MAX,
  type EntryBody, type EntryHeader, type EntryPayload, type Head, type KeyLookup,
} from './entry/entry.js';
export { isBoundedJson, JSON_DEPTH_MAX, parseBoundedJson } from './entry/bounded-json.js';
export { type EntryRefusal, type EntryRefusalCode } from './entry/refusal.js';
export { sealBatch, sealEntry, type EntryDraft, type SealedBatch, type SealedEntry, type Sealer } from './entry/seal-entry.js';
export { type ExpectedEntry, type OpenedEntry } from './entry/entry-parts.js';
export { openEntry } from './entry/open-entry.js';
export { judgeEntry, type Contradiction, type EntryVerdict } from './acceptance/judge-entry.js';
export {
  acceptEach, BATCH_ENTRIES_MAX, walkBatch, type BatchOutcome, type BatchStop, type EntryBatch,
} from './acceptance/walk-batch.js';
export {
  compareHeads, readHeadVector, type HashLookup, type HeadComparison, type HeadVector, type LogRange,
} from './acceptance/heads.js';
export {
  buildEquivocationProof, verifyEquivocationProof, type Equivocation, type EquivocationProof, type ExpectedProof, type ProofRefusal,
} from './audit/equivocation-proof.js';
export { verifyChain, type ChainAudit, type ChainFault, type LogSegment } from './audit/verify-chain.js';
