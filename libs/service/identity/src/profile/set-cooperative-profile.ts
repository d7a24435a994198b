import { Injectable } from '@nestjs/common';
import { cooperativeProfiled, type Caller, type identity } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { OwnNode } from '../own-node/own-node.js';
import { NotYourCooperativeError } from '../registry/domain/registry.errors.js';
import { checkMade, REQUEST_AHEAD_MS } from './domain/profile.js';
import { ProfileOutdatedError } from './domain/profile.errors.js';
import { profileOf } from './profile-statement.js';
import { Profiles } from './profiles.js';

/** Takes in what a cooperative of this node says about itself and announces it. Repeating the same statement changes nothing. */
@Injectable()
export class SetCooperativeProfile {
  constructor(
    private readonly own: OwnNode, private readonly profiles: Profiles, private readonly outbox: FederationOutbox, private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @throws BadSignatureError, NotYourCooperativeError, CooperativeUnknownError, ProfileFromFutureError, ProfileOutdatedError, the first that applies. */
  async run({ cooperativeId, madeAt, signature, ...fields }: z.output<typeof identity.setCooperativeProfile.input>, caller: Caller | null): Promise<void> {
    const statement = { cooperative_id: cooperativeId, node_id: this.own.nodeId, ...fields, made_at: madeAt };
    const profile = profileOf(statement, signature);
    if (caller?.did !== cooperativeId) throw new NotYourCooperativeError(cooperativeId);
    await this.unitOfWork.retrying(async (tx) => {
      await this.profiles.checkHome(profile, tx);
      checkMade(profile, this.clock.now().getTime(), REQUEST_AHEAD_MS);
      const standing = await this.profiles.admit(profile, tx);
      if (standing === 'earlier') throw new ProfileOutdatedError(cooperativeId, madeAt);
      if (standing === 'later') await this.outbox.add(cooperativeProfiled, { statement, signature }, { subject: cooperativeId }, tx);
    });
  }
}
