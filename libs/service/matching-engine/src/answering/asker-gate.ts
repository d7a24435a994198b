import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { PeerStandingRepository } from '../peers/peer-standing.repository.js';
import { AskerNotAdmittedError, AskedTooMuchError } from './answering.errors.js';
import { AskerQuotaRepository, type Quota } from './asker-quota.repository.js';

/** Lets in who may ask, as much as it may ask. */
@Injectable()
export class AskerGate {
  constructor(
    private readonly peers: PeerStandingRepository, private readonly quotas: AskerQuotaRepository, private readonly unitOfWork: UnitOfWork, private readonly clock: Clock,
  ) {}

  /**
   * Continues where the node may ask for so much more. What it asks for counts, whatever it is told.
   *
   * @throws AskerNotAdmittedError, then AskedTooMuchError.
   */
  async admit(nodeId: string, quota: Quota, amount: number): Promise<void> {
    const nowMs = this.clock.now().getTime();
    await this.unitOfWork.retrying(async (tx) => {
      if (!await this.peers.isOpen(nodeId, tx)) throw new AskerNotAdmittedError();
      if (!await this.quotas.use(nodeId, quota, { amount, nowMs }, tx)) throw new AskedTooMuchError(quota.kind, quota.max, quota.periodMs);
    });
  }
}
