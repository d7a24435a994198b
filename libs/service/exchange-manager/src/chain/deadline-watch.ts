import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { RepeatingTask } from '@kula/platform-runtime';
import { OwnNode } from '../own-node.js';
import { ChainDesk } from './chain-desk.js';
import { ChainRepository } from './chain.repository.js';

const PAUSE_MS = 500;
const BATCH_MAX = 50;

/** Tells chains that their time has come. */
@Injectable()
export class DeadlineWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DeadlineWatch.name);
  private readonly task: RepeatingTask;

  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly chains: ChainRepository, private readonly desk: ChainDesk, private readonly own: OwnNode,
  ) {
    this.task = new RepeatingTask('deadline watch', () => this.expireBatch(), { pauseMs: PAUSE_MS, logger: this.logger });
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** Lets time act on some chains. Answers whether it changed any. */
  private async expireBatch(): Promise<boolean> {
    const request = { nodeId: this.own.nodeId, now: this.own.now(), leaseEdge: this.own.leaseEdge(), limit: BATCH_MAX };
    const due = await this.unitOfWork.run((tx) => this.chains.findDue(request, tx));
    let hasChanged = false;
    for (const chainId of due) if (await this.expire(chainId)) hasChanged = true;
    return hasChanged;
  }

  /** One chain that cannot be expired must not keep the others waiting. */
  private async expire(chainId: string): Promise<boolean> {
    try {
      return await this.unitOfWork.retrying(async (tx) => (await this.desk.take(chainId, { kind: 'deadlinePassed' }, tx)).isChanged);
    } catch (error) {
      this.logger.error(`the deadline of chain ${chainId} cannot be acted on: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }
}
