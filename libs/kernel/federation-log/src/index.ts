export { isTopic, isTopicToken, subjectOf, TOPICS, type Topic } from './entry/topics.js';
export {
  ENTRY_BYTES_MAX, entryId, firstKey, GENESIS_PREVIOUS, hashEntry, isHash, isNodeId, kidOf, readKid, TIME_MS_MAX,
  type EntryBody, type EntryHeader, type EntryPayload, type Head, type KeyLookup,
} from './entry/entry.js';
export { isBoundedJson, JSON_DEPTH_MAX, parseBoundedJson } from './entry/bounded-json.js';
export { type EntryRefusal, type EntryRefusalCode } from './entry/refusal.js';
export { sealBatch, sealEntry, type EntryDraft, type SealedBatch, type SealedEntry, type Sealer } from './entry/seal-entry.js';
export { type ExpectedEntry, type OpenedEntry } from './entry/entry-parts.js';
export { openEntry } from './entry/open-entry.js';
export { firstSchedule, isValidAt, lastKey, lookupIn, type KeySchedule, type NodeKey } from './keys/key-schedule.js';
export { commitmentTo, recoveryBody, rotationBody, type LogState, type NextKey } from './keys/key-change.js';
export { nextKid, RECOVERY_BYTES_MAX, scheduleAfter, scheduleToOpen } from './keys/schedule-after.js';
export { judgeEntry, type Contradiction, type EntryVerdict } from './acceptance/judge-entry.js';
export {
  acceptEach, BATCH_ENTRIES_MAX, walkBatch, type BatchOutcome, type BatchStop, type EntryBatch,
} from './acceptance/walk-batch.js';
export { acceptEachRun, walkRuns, type ScheduledBatch, type ScheduledOutcome } from './acceptance/walk-runs.js';
export {
  compareHeads, readHeadVector, type HashLookup, type HeadComparison, type HeadVector, type LogRange,
} from './acceptance/heads.js';
export {
  buildEquivocationProof, verifyEquivocationProof, type Equivocation, type EquivocationProof, type ExpectedProof, type ProofRefusal,
} from './audit/equivocation-proof.js';
export { verifyChain, type ChainAudit, type ChainFault, type LogSegment } from './audit/verify-chain.js';
export { judgeArrivals, type Arrival, type ArrivalStop, type Judgement, type KnownIssuer } from './replication/judge-arrivals.js';
export { proveEquivocation, type ContradictingRuns } from './replication/prove-equivocation.js';
export { itemOf, STATE_TOPICS, type LogItem } from './checkpoint/log-item.js';
export { liveItems, type LiveAt } from './checkpoint/live-items.js';
export {
  checkpointDraft, confirmCheckpoint, digestOf, readCheckpoint, SNAPSHOT_ENTRIES_MAX, type Checkpoint, type LiveDigest,
} from './checkpoint/checkpoint.js';
export { type CheckpointRefusal, type CheckpointRefusalCode, type SnapshotRefusal } from './checkpoint/refusal.js';
export { openSnapshot, type OpenedSnapshot, type Snapshot, type SnapshotIssuer } from './checkpoint/open-snapshot.js';
export { judgeSnapshot, type HeldLog, type SnapshotParts, type SnapshotVerdict } from './checkpoint/judge-snapshot.js';
export { auditCheckpoint, type CheckpointAudit, type CheckpointFault } from './checkpoint/audit-checkpoint.js';
export { judgeOwnLog, type OwnLog, type OwnLogVerdict, type WordOfPeer } from './recovery/judge-own-log.js';
