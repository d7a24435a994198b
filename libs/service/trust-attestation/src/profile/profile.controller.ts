import { Controller } from '@nestjs/common';
import { trust } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { AssessProfile } from './assess-profile.js';
import { ParticipantUnknownError } from './domain/profile.errors.js';
import { presentProfile } from './profile.presenter.js';
import { ProfileRepository } from './profile.repository.js';

/** Operations on profiles. */
@Controller()
export class ProfileController {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly profiles: ProfileRepository, private readonly assessing: AssessProfile, private readonly clock: Clock) {}

  @Operation(trust.getTrustProfile)
  async get({ participantId }: z.output<typeof trust.getTrustProfile.input>) {
    return this.unitOfWork.run(async (tx) => {
      const profile = await this.profiles.find(participantId, tx);
      if (profile === undefined) throw new ParticipantUnknownError(participantId);
      return presentProfile(profile, await this.assessing.handle(profile, this.clock.now(), tx));
    });
  }
}
