import type { Provider } from '@nestjs/common';
import { CheckpointAdopter } from '../link/checkpoint-adopter.js';
import { AnswerSnapshot } from '../serving/answer-snapshot.js';
import { AdoptCheckpoint } from './adopt-checkpoint.js';
import { BoundTables } from './bound-tables.js';
import { CheckpointGround } from './checkpoint-ground.js';
import { CheckpointOptions } from './checkpoint-options.js';
import { CheckpointRepository } from './checkpoint.repository.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import { ConfirmCheckpoints } from './confirm-checkpoints.js';
import { ForgetDeadEntries } from './forget-dead-entries.js';
import { HeadStart } from './head-start.js';
import { LiveEntries } from './live-entries.js';
import { LogItems } from './log-items.js';
import { Retention } from './retention.js';
import { SnapshotFetch } from './snapshot-fetch.js';
import { SnapshotRecords } from './snapshot-records.js';
import { StoreSnapshot } from './store-snapshot.js';
import { WriteCheckpoint } from './write-checkpoint.js';

/** What keeps logs short: checkpoints written, checked, given and taken over, and what is dead by them forgotten. */
export const checkpointProviders = (options: CheckpointOptions): Provider[] => [
  { provide: CheckpointOptions, useValue: options }, LogItems, CheckpointRepository, CheckpointGround, WriteCheckpoint, CheckpointWriter, ConfirmCheckpoints,
  ForgetDeadEntries, BoundTables, Retention, LiveEntries, AnswerSnapshot, SnapshotFetch, SnapshotRecords, StoreSnapshot,
  { provide: CheckpointAdopter, useClass: AdoptCheckpoint }, HeadStart,
];
