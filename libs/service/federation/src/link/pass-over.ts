import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { placeOf, refusedArrival, type Acceptance, type Delivery } from './delivery.js';
import type { Hindrance } from './issuer-admission.js';
import { LinkRepository } from './link.repository.js';
import { ParkedIssuers } from './parked-issuers.js';

const QUIET_MS = 60_000;
const REMEMBERED_MAX = 1_000;

/**
 * Passes over arrivals that are not looked at: counts them, moves the cursor, parks their issuer where it has to wait.
 *
 * A relay may carry any number of them: one line of the log and one kept example per peer, issuer and minute.
 */
@Injectable()
export class PassOver {
  private readonly logger = new Logger(PassOver.name);
  /** When which issuer's arrivals were told of last. */
  private readonly told = new Map<string, number>();

  constructor(
    private readonly links: LinkRepository, private readonly parked: ParkedIssuers, private readonly unitOfWork: UnitOfWork, private readonly clock: Clock,
  ) {}

  async handle(delivery: Delivery, hindrance: Hindrance): Promise<Acceptance> {
    const { peer, issuer, arrivals, cursor } = delivery;
    const isNews = this.isNews(`${peer} ${issuer} ${hindrance.code}`);
    const { park } = hindrance;
    await this.unitOfWork.run(async (tx) => {
      if (park !== undefined) await this.parked.park(park, tx);
      await this.links.record({
        peer, stored: 0, refused: isNews ? [refusedArrival(delivery, 0, hindrance)] : [],
        passed: { code: hindrance.code, count: arrivals.length - Number(isNews) }, ...(cursor !== undefined && { cursor }),
      }, tx);
    });
    if (isNews) this.logger.warn(`${placeOf(delivery, 0)} and ${arrivals.length - 1} more of ${issuer} are passed over: ${hindrance.code}: ${hindrance.detail}`);
    return { done: arrivals.length };
  }

  private isNews(what: string): boolean {
    const now = this.clock.now().getTime();
    const toldAt = this.told.get(what);
    if (toldAt !== undefined && now - toldAt < QUIET_MS) return false;
    // Names in subjects are the peer's to choose: what is remembered of them is bounded, and beyond that nothing is said.
    if (this.told.size >= REMEMBERED_MAX) for (const [old, at] of this.told) if (now - at >= QUIET_MS) this.told.delete(old);
    if (this.told.size >= REMEMBERED_MAX) return false;
    this.told.set(what, now);
    return true;
  }
}
