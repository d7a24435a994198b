import { Injectable } from '@nestjs/common';
import type { identity } from '@kula/contracts';
import { UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { Challenges } from './challenges.js';
import { RoleFinder } from './role-finder.js';
import { SessionTokens } from './session-tokens.js';

/** Exchanges a signed challenge for a token. */
@Injectable()
export class OpenSession {
  constructor(
    private readonly challenges: Challenges, private readonly roles: RoleFinder, private readonly tokens: SessionTokens, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws ChallengeUnknownError, ChallengeExpiredError, BadSignatureError, PartyUnknownError, the first that applies. */
  async run(signed: z.output<typeof identity.openSession.input>): Promise<z.input<typeof identity.openSession.output>> {
    const role = await this.unitOfWork.run(async (tx) => {
      await this.challenges.answer(signed, tx);
      return this.roles.find(signed.did, tx);
    });
    const caller = { did: signed.did, role };
    return { ...(await this.tokens.issue(caller)), caller };
  }
}
