import type { Clock } from '@kula/platform-runtime';
import { isFault } from '@kula/platform-messaging';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** How long keys are used before they are asked for again: a key that was withdrawn is refused after this time. */
const AGE_MS_MAX = 5 * 60_000;

/** Shortest time between two looks for a key that nobody knows, so that forged tokens do not become questions on the bus. */
const SEARCH_PAUSE_MS = 1_000;

/** Asks the identity service for the public session keys of this node. */
export type FetchKeys = () => Promise<JSONWebKeySet>;

/** The node's public session keys: fetched when first needed, kept for five minutes, fetched anew for a key id that is not among them. */
export class SessionKeys {
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAt = 0;
  private searchedAt = 0;
  private fetching: Promise<JWTVerifyGetKey> | undefined;

  constructor(private readonly fetchKeys: FetchKeys, private readonly clock: Clock) {}

  /** The key a token names. @throws JOSEError where there is none; the fault of the bus where keys were never fetched. */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.maySearch()) throw error;
      return await (await this.refresh())(header, token);
    }
  };

  private async current(): Promise<JWTVerifyGetKey> {
    if (this.keys === undefined) return this.refresh();
    if (this.now() - this.fetchedAt <= AGE_MS_MAX) return this.keys;
    const known = this.keys;
    // Sessions outlive a short absence of the service that issued them.
    return this.refresh().catch((error: unknown) => {
      if (isFault(error)) return known;
      throw error;
    });
  }

  private maySearch(): boolean {
    if (this.now() - this.searchedAt < SEARCH_PAUSE_MS) return false;
    this.searchedAt = this.now();
    return true;
  }

  /** Fetches the keys; questions asked meanwhile wait for the same answer. */
  private refresh(): Promise<JWTVerifyGetKey> {
    this.fetching ??= this.fetchKeys().then((found) => {
      this.keys = createLocalJWKSet(found);
      this.fetchedAt = this.now();
      return this.keys;
    }).finally(() => { this.fetching = undefined; });
    return this.fetching;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
