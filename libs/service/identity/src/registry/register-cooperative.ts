import { Injectable } from '@nestjs/common';
import { cooperativeAnnounced, type identity } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node/own-node.js';
import { Admission } from './admission.js';
import { CooperativeExistsError } from './domain/registry.errors.js';
import { cooperativeClaim } from './statements.js';

/** Registers a cooperative of this node and announces it. Repeating the same statement changes nothing. */
@Injectable()
export class RegisterCooperative {
  constructor(
    private readonly own: OwnNode, private readonly admission: Admission, private readonly outbox: FederationOutbox, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws BadSignatureError, CooperativeExistsError. */
  async run({ cooperativeId, name, place, madeAt, signature }: z.output<typeof identity.registerCooperative.input>): Promise<void> {
    const statement = { cooperative_id: cooperativeId, node_id: this.own.nodeId, name, place, made_at: madeAt };
    const claim = cooperativeClaim(statement, signature);
    // Whoever signs in with the operator's key is the operator: the same key could never act as a cooperative.
    if (cooperativeId === this.own.operatorId) throw new CooperativeExistsError(cooperativeId);
    await this.unitOfWork.retrying(async (tx) => {
      const novelty = await this.admission.admitParty(claim, tx);
      if (novelty === 'new') await this.outbox.add(cooperativeAnnounced, { statement, signature }, { subject: cooperativeId }, tx);
    });
  }
}
