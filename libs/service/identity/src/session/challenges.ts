import { Injectable } from '@nestjs/common';
import { verifyDocument } from '@kula/kernel-crypto';
import type { Transaction } from '@kula/platform-persistence';
import { Chance, Clock, nodeEd25519 } from '@kula/platform-runtime';
import { OwnNode } from '../own-node/own-node.js';
import { BadSignatureError } from '../registry/domain/registry.errors.js';
import { CHALLENGE_MS, checkUnexpired, EXPIRED_KEPT_MS } from './domain/session.js';
import { ChallengeUnknownError } from './domain/session.errors.js';

/** A text that one party may sign once, for a while. */
export interface Challenge {
  readonly challenge: string;
  readonly did: string;
  readonly expiresAtMs: number;
}

/** A challenge with the signature of the party it was given to. */
export interface SignedChallenge extends Pick<Challenge, 'challenge' | 'did'> {
  /** Over {challenge, did, node_id} with the domain `sep/login/v1`. */
  readonly signature: string;
}

/** Challenges that have been given out and not used. */
@Injectable()
export class Challenges {
  constructor(private readonly own: OwnNode, private readonly clock: Clock, private readonly chance: Chance) {}

  /** Gives a party a new challenge. */
  async issue(did: string, tx: Transaction): Promise<Challenge> {
    const issued = { challenge: this.chance.nonce(), did, expiresAtMs: this.clock.now().getTime() + CHALLENGE_MS };
    await tx.query('INSERT INTO challenge (challenge, did, expires_at) VALUES ($1, $2, $3)', [issued.challenge, did, new Date(issued.expiresAtMs)]);
    return issued;
  }

  /**
   * Uses a challenge up. Of two answers at the same time, one succeeds; a refused answer leaves the challenge open.
   *
   * @throws ChallengeUnknownError, ChallengeExpiredError, BadSignatureError, the first that applies.
   */
  async answer({ challenge, did, signature }: SignedChallenge, tx: Transaction): Promise<void> {
    const [row] = await tx.query<{ expires_at: Date }[]>('SELECT expires_at FROM challenge WHERE challenge = $1 AND did = $2 FOR UPDATE', [challenge, did]);
    if (row === undefined) throw new ChallengeUnknownError(did);
    checkUnexpired({ did, expiresAtMs: row.expires_at.getTime() }, this.clock.now().getTime());
    const document = { challenge, did, node_id: this.own.nodeId };
    if (!verifyDocument(nodeEd25519, { signer: did, domain: 'sep/login/v1', document, signature })) throw new BadSignatureError(did);
    await tx.query('DELETE FROM challenge WHERE challenge = $1', [challenge]);
  }

  /** Removes challenges that expired a while ago, at most `limit` of them. Answers how many. */
  async sweep(limit: number, tx: Transaction): Promise<number> {
    const before = new Date(this.clock.now().getTime() - EXPIRED_KEPT_MS);
    const [row] = await tx.query<{ removed: number }[]>(
      `WITH gone AS (
         DELETE FROM challenge WHERE challenge IN (SELECT challenge FROM challenge WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1
       ) SELECT count(*)::int AS removed FROM gone`, [before, limit],
    );
    return row?.removed ?? 0;
  }
}
