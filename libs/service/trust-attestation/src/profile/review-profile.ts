import { Injectable } from '@nestjs/common';
import { trust } from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { IssueAttestation, RENEW_AFTER_MS } from '../attestation/issue-attestation.js';
import { AssessProfile, type AssessedProfile } from './assess-profile.js';
import { claimsOf } from './profile.presenter.js';
import { ProfileRepository, type LastClaims, type Profile } from './profile.repository.js';

/**
 * Assesses a participant afresh, tells the other services what changed, and attests own members anew.
 *
 * Everything follows from what is stored and the time: reviewing once more changes nothing. Called after every change, and when
 * time alone may have changed something.
 */
@Injectable()
export class ReviewProfile {
  constructor(
    private readonly profiles: ProfileRepository, private readonly assessing: AssessProfile, private readonly issuing: IssueAttestation,
    private readonly outbox: Outbox, private readonly clock: Clock,
  ) {}

  /** Reviews a participant whose record the caller holds. Does nothing where no node has announced it yet. */
  async handle(participantId: string, tx: Transaction): Promise<void> {
    const profile = await this.profiles.find(participantId, tx);
    if (profile === undefined) return;
    const now = this.clock.now();
    const assessed = await this.assessing.handle(profile, now, tx);
    const { tier, standing, reviewAtMs } = assessed.assessment;
    const lastClaims = assessed.source === 'own_record' ? await this.attest(profile, assessed, now, tx) : null;
    const isNews = profile.version === 0 || profile.tier !== tier || profile.standing !== standing;
    const version = isNews ? profile.version + 1 : profile.version;
    await this.profiles.save({ ...profile, tier, standing, version, lastClaims, reviewAt: earliest(reviewAtMs, renewalOf(lastClaims)) }, tx);
    if (isNews) await this.outbox.add(trust.standingChanged, { participantId, standing, tier, version }, tx);
  }

  /** Issues an attestation where there is something else to attest than last time, or the last one grows old. Answers the latest claims. */
  private async attest({ participantId, lastClaims }: Profile, assessed: AssessedProfile, now: Date, tx: Transaction): Promise<LastClaims | null> {
    const claims = claimsOf(assessed);
    if (claims === null) return lastClaims;
    const hash = hashDocument(claims);
    const isCurrent = lastClaims?.hash === hash && now.getTime() < lastClaims.at.getTime() + RENEW_AFTER_MS;
    if (isCurrent) return lastClaims;
    await this.issuing.handle(participantId, claims, now, tx);
    return { hash, at: now };
  }
}

const renewalOf = (lastClaims: LastClaims | null): number | null => (lastClaims === null ? null : lastClaims.at.getTime() + RENEW_AFTER_MS);

function earliest(...moments: readonly (number | null)[]): Date | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : new Date(Math.min(...known));
}
