import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { OwnNode } from '../own-node.js';
import { SummaryRepository } from '../summary/summary.repository.js';
import { ListingAdmission } from './listing-admission.js';
import { ListingRepository } from './listing.repository.js';

const BATCH_MAX = 100;

/** Closes this node's own listings when their time is over, and forgets what peers answered some time ago. Copies follow when their home node says so. */
@Injectable()
export class ExpireListings {
  constructor(
    private readonly own: OwnNode, private readonly listings: ListingRepository, private readonly admission: ListingAdmission,
    private readonly summaries: SummaryRepository, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Closes one batch. True where there may be more. */
  async run(nowMs: number): Promise<boolean> {
    return this.unitOfWork.retrying(async (tx) => {
      await this.summaries.forgetOutdated(nowMs, tx);
      const expired = await this.listings.findExpired(this.own.nodeId, nowMs, BATCH_MAX, tx);
      for (const listing of expired) await this.admission.closeOwn(listing, 'expire', tx);
      return expired.length === BATCH_MAX;
    });
  }
}
