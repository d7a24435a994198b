import { Injectable } from '@nestjs/common';
import { BATCH_ENTRIES_MAX, type KeySchedule } from '@kula/kernel-federation-log';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import type { Acceptance, Delivery } from './delivery.js';
import { FreezeIssuer, isContradiction, type Contradicting } from './freeze-issuer.js';
import { IssuerAdmission, type Hindrance } from './issuer-admission.js';
import { IssuerFrozenError } from './link.errors.js';
import { OwnArrivals } from './own-arrivals.js';
import { PassOver } from './pass-over.js';
import { StoreArrivals } from './store-arrivals.js';
import { TURN_ENTRIES, Turns } from './turns.js';

/** Takes what a peer delivers into the log. The one way in for entries of others, and for own ones that come back. */
@Injectable()
export class AcceptArrivals {
  private readonly turns = new Turns();

  constructor(
    private readonly own: OwnNode, private readonly gate: LogGate, private readonly admission: IssuerAdmission, private readonly passOver: PassOver,
    private readonly ownArrivals: OwnArrivals, private readonly storeArrivals: StoreArrivals, private readonly freezeIssuer: FreezeIssuer,
  ) {}

  /**
   * Stores what follows on the issuer's log and records what does not hold. One delivery at a time, in the order of asking;
   * of a long one a part at a time while others wait.
   *
   * Entries of issuers that are not admitted, frozen or parked are counted and passed over.
   * @throws IssuerFrozenError where the issuer is the peer itself and has contradicted itself, now or before; LogClosedError.
   */
  async handle(delivery: Delivery): Promise<Acceptance> {
    return this.turns.take(() => {
      const most = this.turns.othersWait ? TURN_ENTRIES : BATCH_ENTRIES_MAX;
      return this.accept(delivery.arrivals.length <= most ? delivery : beginningOf(delivery, most));
    });
  }

  /** Passes over arrivals of an issuer and parks it: entries before them are missing everywhere. */
  async giveUp(delivery: Delivery, forMs: number): Promise<Acceptance> {
    return this.passOver.handle(delivery, this.admission.missing(delivery.issuer, forMs));
  }

  private async accept(delivery: Delivery): Promise<Acceptance> {
    const { issuer, isRecovery = false } = delivery;
    if (issuer === this.own.nodeId) return isRecovery && !this.gate.isSealing ? this.store(delivery) : this.ownArrivals.handle(delivery);
    const hindrance = this.admission.hindranceOf(issuer);
    return hindrance === undefined ? this.store(delivery) : this.passOver.handle(delivery, hindrance);
  }

  private async store(delivery: Delivery): Promise<Acceptance> {
    const { done, stop, schedule, aheadTs, frozenAt, lacksKey = false } = await this.storeArrivals.handle(delivery);
    if (frozenAt !== undefined) return this.passOverFrozen(delivery, done, new IssuerFrozenError(delivery.issuer, frozenAt));
    if (aheadTs !== undefined) return this.passOverRest(delivery, done, this.admission.ahead(delivery.issuer, aheadTs));
    if (stop !== undefined && isContradiction(stop)) return this.freeze(delivery, stop, schedule);
    if (stop?.verdict.verdict === 'gap') return { done, gap: { from: stop.verdict.from, to: stop.verdict.to } };
    return { done, ...(lacksKey && { lacksKey }) };
  }

  private async freeze(delivery: Delivery, stop: Contradicting, schedule: KeySchedule): Promise<Acceptance> {
    if (delivery.issuer === this.own.nodeId) return this.passOverRest(delivery, stop.index, CONTRADICTS_OWN);
    try {
      return await this.freezeIssuer.handle(delivery, stop, schedule);
    } catch (error) {
      return this.passOverFrozen(delivery, stop.index, error);
    }
  }

  /** What a peer carries of others that are frozen does not stop its link. */
  private async passOverFrozen(delivery: Delivery, done: number, error: unknown): Promise<Acceptance> {
    if (!(error instanceof IssuerFrozenError) || error.issuer === delivery.peer) throw error;
    return this.passOverRest(delivery, done, { code: 'federation.issuer_frozen', detail: error.message });
  }

  private async passOverRest(delivery: Delivery, done: number, hindrance: Hindrance): Promise<Acceptance> {
    const passed = await this.passOver.handle({ ...delivery, arrivals: delivery.arrivals.slice(done) }, hindrance);
    return { done: done + passed.done };
  }
}

const CONTRADICTS_OWN: Hindrance = { code: 'federation.own_log', detail: 'this node has signed the entry and holds another one at its number' };
/** A part of a delivery, after which the cursor stays. */
function beginningOf({ cursor: _, ...delivery }: Delivery, count: number): Delivery {
  return { ...delivery, arrivals: delivery.arrivals.slice(0, count) };
}
