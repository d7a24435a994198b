import { Controller } from '@nestjs/common';
import { identity, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { FindParties } from '../registry/persistence/find-parties.query.js';
import { SetCooperativeProfile } from './set-cooperative-profile.js';

/** What cooperatives say about themselves, over request/reply. */
@Controller()
export class ProfileController {
  constructor(private readonly setProfile: SetCooperativeProfile, private readonly find: FindParties) {}

  @Operation(identity.setCooperativeProfile)
  async set(
    input: z.output<typeof identity.setCooperativeProfile.input>, { caller }: RequestMeta,
  ): Promise<z.input<typeof identity.setCooperativeProfile.output>> {
    await this.setProfile.run(input, caller);
    return this.find.cooperative(input.cooperativeId);
  }
}
