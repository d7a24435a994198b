import { Injectable } from '@nestjs/common';
import { matching } from '@kula/contracts';
import { Outbox, UnitOfWork } from '@kula/platform-persistence';
import { ResolveRing, type Resolution } from '../asking/resolve-ring.js';
import { executionWindow, type Ring } from './domain/ring.js';
import { ProposedRingRepository } from './proposed-ring.repository.js';
import { ringView } from './ring.presenter.js';
import { SetAsideRingRepository } from './set-aside-ring.repository.js';

/** Asks the exchange manager to propose a ring: once for each ring, whoever searches how often. */
@Injectable()
export class ProposeRing {
  constructor(
    private readonly resolve: ResolveRing, private readonly proposed: ProposedRingRepository, private readonly setAside: SetAsideRingRepository,
    private readonly outbox: Outbox, private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Makes known who the members of a ring are. A ring of which that cannot be made known is set aside.
   *
   * Undefined where it could not be proposed anyway, because its listings have changed or it was proposed meanwhile: nobody is asked then.
   */
  async prepare(ring: Ring, foundMs: number): Promise<Resolution | undefined> {
    const mayBe = await this.unitOfWork.run((tx) => this.proposed.mayPropose(ring, tx));
    if (!mayBe) return undefined;
    const resolution = await this.resolve.run(ring, foundMs);
    if ('reason' in resolution) {
      const { reason, pauseMs } = resolution;
      await this.unitOfWork.retrying((tx) => this.setAside.put({ ringId: ring.ringId, reason, untilMs: foundMs + pauseMs }, foundMs, tx));
    }
    return resolution;
  }

  /** True where the ring was proposed here and has not ended. */
  async isUnderWay({ ringId }: Ring): Promise<boolean> {
    return this.unitOfWork.run((tx) => this.proposed.isUnderWay(ringId, tx));
  }

  /** Proposes a ring that was found at `foundMs`, every member known. False where its listings have changed since, or it has ended before. */
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
