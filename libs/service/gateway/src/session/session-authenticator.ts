import { caller, type Caller } from '@kula/contracts';
import type { Clock } from '@kula/platform-runtime';
import { errors, jwtVerify } from 'jose';
import { NotSignedInError } from '../problems/gateway.errors.js';
import type { SessionKeys } from './session-keys.js';

/** Clocks of two services of one node may differ by this much. */
const SKEW_SECONDS = 5;

/** Tells who is signed in from the bearer token of a request. */
export class SessionAuthenticator {
  constructor(private readonly keys: SessionKeys, private readonly nodeId: string, private readonly clock: Clock) {}

  /**
   * The caller a request speaks for.
   *
   * The token must be signed by this node with Ed25519, name this node as its issuer, and not be expired.
   * @throws NotSignedInError where there is no token or it is not valid; the fault of the bus where it cannot be checked.
   */
  async authenticate(authorization: string | undefined): Promise<Caller> {
    if (authorization === undefined) throw new NotSignedInError(null);
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.trim())?.[1];
    if (token === undefined) throw new NotSignedInError('the Authorization header carries no bearer token of this node');
    const claims = await this.claimsOf(token);
    const found = caller.safeParse({ did: claims['sub'], role: claims['role'] });
    if (!found.success) throw new NotSignedInError('the token names no party of this node');
    return found.data;
  }

  private async claimsOf(token: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      const { payload } = await jwtVerify(token, this.keys.keyOf, {
        issuer: this.nodeId, algorithms: ['EdDSA'], requiredClaims: ['exp', 'sub'], clockTolerance: SKEW_SECONDS, currentDate: this.clock.now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new NotSignedInError('the session has expired');
      if (error instanceof errors.JOSEError) throw new NotSignedInError('the token is not valid at this node');
      throw error;
    }
  }
}
