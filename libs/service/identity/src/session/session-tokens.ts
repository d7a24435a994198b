import { Injectable } from '@nestjs/common';
import type { Caller } from '@kula/contracts';
import { Chance, Clock } from '@kula/platform-runtime';
import { SignJWT } from 'jose';
import { OwnNode } from '../own-node/own-node.js';
import { sessionSpan } from './domain/session.js';
import { SessionKeyRepository } from './session-key.repository.js';

/** Bearer tokens: JWTs signed with Ed25519. Claims: iss (node id), sub (did), role, iat, exp, jti. */
@Injectable()
export class SessionTokens {
  constructor(private readonly own: OwnNode, private readonly keys: SessionKeyRepository, private readonly clock: Clock, private readonly chance: Chance) {}

  /** A token for the caller, and when it ends. */
  async issue({ did, role }: Caller): Promise<{ readonly token: string; readonly expiresAt: string }> {
    const { issuedAt, expiresAt } = sessionSpan(this.clock.now().getTime());
    const { kid, privateKey } = await this.keys.signing();
    const token = await new SignJWT({ role })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
      .setIssuer(this.own.nodeId).setSubject(did).setIssuedAt(issuedAt).setExpirationTime(expiresAt).setJti(this.chance.uuid())
      .sign(privateKey);
    return { token, expiresAt: new Date(expiresAt * 1000).toISOString() };
  }
}
