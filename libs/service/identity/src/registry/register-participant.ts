import { Injectable } from '@nestjs/common';
import { participantAnnounced, type Caller, type identity } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { OwnNode } from '../own-node/own-node.js';
import { Admission } from './admission.js';
import { ParticipantExistsError } from './domain/registry.errors.js';
import { participantClaim } from './statements.js';

/** Registers a participant as a member of a cooperative of this node and announces it. Repeating the same statement changes nothing. */
@Injectable()
export class RegisterParticipant {
  constructor(
    private readonly own: OwnNode, private readonly admission: Admission, private readonly outbox: FederationOutbox, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws BadSignatureError, CooperativeUnknownError, NotYourCooperativeError, ParticipantExistsError, HandleTakenError, the first that applies. */
  async run({ signature, ...input }: z.output<typeof identity.registerParticipant.input>, caller: Caller | null): Promise<void> {
    const statement = {
      participant_id: input.participantId, node_id: this.own.nodeId, cooperative_id: input.cooperativeId, handle: input.handle,
      display_name: input.displayName, made_at: input.madeAt,
    };
    const claim = participantClaim(statement, signature);
    await this.unitOfWork.retrying(async (tx) => {
      await this.admission.checkEntitled(claim, caller, tx);
      // Whoever signs in with the operator's key is the operator: the same key could never act as a participant.
      if (claim.did === this.own.operatorId) throw new ParticipantExistsError(claim.did);
      const novelty = await this.admission.admitParty(claim, tx);
      if (novelty === 'new') await this.outbox.add(participantAnnounced, { statement, signature }, { subject: claim.did }, tx);
    });
  }
}
