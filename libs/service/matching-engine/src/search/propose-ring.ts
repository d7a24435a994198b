import { Injectable } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { Outbox, UnitOfWork } from '@kula/platform-persistence';
import { executionWindow, type Ring } from './domain/ring.js';
import { ProposedRingRepository } from './proposed-ring.repository.js';
import { ringView } from './ring.presenter.js';

/** Asks the exchange manager to propose a ring: once for each ring, whoever searches how often. */
@Injectable()
export class ProposeRing {
  constructor(private readonly proposed: ProposedRingRepository, private readonly outbox: Outbox, private readonly unitOfWork: UnitOfWork) {}

  /** Proposes a ring that was found at `foundMs`. False where its listings have changed since, or it has ended before. */
  async run(ring: Ring, { reason, foundMs }: { readonly reason: string; readonly foundMs: number }): Promise<boolean> {
    const window = executionWindow(ring, foundMs);
    if (window === undefined) return false;
    const view = ringView(ring, { state: 'selected', reason, foundAt: new Date(foundMs).toISOString() });
    const execution = { executionStart: new Date(window.startMs).toISOString(), executionEnd: new Date(window.endMs).toISOString() };
    return this.unitOfWork.retrying(async (tx) => {
      const proposal = await this.proposed.propose(ring, tx);
      if (proposal === 'new') await this.outbox.add(matching.ringSelected, { ...view, ...execution }, tx);
      return proposal !== 'refused';
    });
  }
}
