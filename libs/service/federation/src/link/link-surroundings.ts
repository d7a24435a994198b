import { Injectable } from '@nestjs/common';
import { HeadStart } from '../checkpoint/head-start.js';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { AcceptArrivals } from './accept-arrivals.js';
import { Backfill } from './backfill.js';
import { LinkRepository } from './link.repository.js';
import { PeerSessions } from './peer-sessions.js';

/** What every link of the node shares. */
@Injectable()
export class LinkSurroundings {
  constructor(
    readonly own: OwnNode, readonly links: LinkRepository, readonly log: EntryLog, readonly acceptArrivals: AcceptArrivals,
    readonly backfill: Backfill, readonly sessions: PeerSessions, readonly headStart: HeadStart,
  ) {}
}
