import { Controller } from '@nestjs/common';
import { identity } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { OpenChallenge } from './open-challenge.js';
import { OpenSession } from './open-session.js';
import { SessionKeyRepository } from './session-key.repository.js';

/** Signing in over request/reply. */
@Controller()
export class SessionController {
  constructor(private readonly challenge: OpenChallenge, private readonly session: OpenSession, private readonly keys: SessionKeyRepository) {}

  @Operation(identity.openChallenge)
  async openChallenge(input: z.output<typeof identity.openChallenge.input>): Promise<z.input<typeof identity.openChallenge.output>> {
    return this.challenge.run(input);
  }

  @Operation(identity.openSession)
  async openSession(input: z.output<typeof identity.openSession.input>): Promise<z.input<typeof identity.openSession.output>> {
    return this.session.run(input);
  }

  @Operation(identity.listSessionKeys)
  async listSessionKeys(): Promise<z.input<typeof identity.listSessionKeys.output>> {
    return { keys: (await this.keys.published()).map((key) => ({ ...key })) };
  }
}
