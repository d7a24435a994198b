import type { Clock } from '@kula/platform-runtime';
import { TooManyRequestsError } from '../problems/gateway.errors.js';
import type { TokenBuckets } from '../rate/token-buckets.js';
import type { HttpReply } from './http-server.js';

/** Limits logins and writes per caller, and says in every answer how many are left (draft-ietf-httpapi-ratelimit-headers). */
export class WriteLimit {
  constructor(private readonly buckets: TokenBuckets, private readonly clock: Clock) {}

  /** Counts one request. @throws TooManyRequestsError where the caller has none left. */
  count(caller: string, reply: HttpReply): void {
    const { isAllowed, remaining, nextSeconds, fullSeconds } = this.buckets.take(caller, this.clock.now().getTime());
    reply.header('ratelimit-policy', `"writes";q=${this.buckets.perMinute};w=60`);
    reply.header('ratelimit', `"writes";r=${remaining};t=${isAllowed ? fullSeconds : nextSeconds}`);
    if (!isAllowed) throw new TooManyRequestsError(nextSeconds);
  }
}
