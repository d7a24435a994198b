import type { Answer } from '../http/answer.js';

/** Which request a key names: whose, and at which address. */
export interface RequestName {
  readonly caller: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

/** What the record of a request says to somebody who comes with it. */
export type Claim =
  | { readonly kind: 'yours'; readonly attempt: string }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'in_flight' }
  | { readonly kind: 'other_request' };

/**
 * Remembers requests by the key their caller gave them, for 72 hours.
 *
 * Of any number that claim one name at once, on any number of replicas, exactly one is told `yours`. A claim that was neither
 * completed nor released within 30 s was left behind by a crash and goes to the next who comes with the same request.
 */
export abstract class IdempotencyRecords {
  abstract claim(name: RequestName, requestHash: string): Promise<Claim>;
  /** Keeps the answer. Does nothing where the claim has gone to somebody else meanwhile. */
  abstract complete(name: RequestName, attempt: string, answer: Answer): Promise<void>;
  /** Forgets the request, so that it can be tried again. Does nothing where the claim has gone to somebody else meanwhile. */
  abstract release(name: RequestName, attempt: string): Promise<void>;
  /** Removes one batch of records older than 72 hours. True where there may be more. */
  abstract sweep(): Promise<boolean>;
}
