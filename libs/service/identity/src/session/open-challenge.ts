import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node/own-node.js';
import { Challenges } from './challenges.js';
import { RoleFinder } from './role-finder.js';

/** Gives whoever may sign in here a challenge. */
@Injectable()
export class OpenChallenge {
  constructor(
    private readonly own: OwnNode, private readonly roles: RoleFinder, private readonly challenges: Challenges, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws PartyUnknownError. */
  async run({ did }: z.output<typeof identity.openChallenge.input>): Promise<z.input<typeof identity.openChallenge.output>> {
    const { challenge, expiresAtMs } = await this.unitOfWork.run(async (tx) => {
      await this.roles.find(did, tx);
      return this.challenges.issue(did, tx);
    });
    return { challenge, nodeId: this.own.nodeId, expiresAt: new Date(expiresAtMs).toISOString() };
  }
}
