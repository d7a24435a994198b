import { Injectable } from '@nestjs/common';
import { LinkRepository } from '../link/link.repository.js';
import { CheckpointRepository } from './checkpoint.repository.js';
import { LogItems } from './log-items.js';

/** Where what becomes of a snapshot is kept. */
@Injectable()
export class SnapshotRecords {
  constructor(readonly items: LogItems, readonly checkpoints: CheckpointRepository, readonly links: LinkRepository) {}
}
