import { Injectable } from '@nestjs/common';
import type { OpenedEntry } from '@kula/kernel-federation-log';
import { Clock } from '@kula/platform-runtime';
import { PeerDirectory, type IssuerStanding } from '../peers/peer-directory.js';
import { IssuerQuotas } from './issuer-quotas.js';
import { ParkedIssuers, type ParkedIssuer, type ParkingCode } from './parked-issuers.js';

/** Why entries of an issuer are passed over unread. */
export interface Hindrance {
  readonly code: string;
  readonly detail: string;
  /** From now on until a time; absent where it is parked already, or for no limited time. */
  readonly park?: ParkedIssuer;
}

/** How far ahead of this node's clock an entry may be dated. */
const AHEAD_MS_MAX = 5 * 60_000;

const BY_STANDING: Readonly<Record<Exclude<IssuerStanding, 'admitted'>, Hindrance>> = {
  unknown: { code: 'federation.issuer_unknown', detail: 'the issuer is no peer of this node' },
  suspended: { code: 'federation.issuer_suspended', detail: 'the operator has suspended the issuer' },
  blocked: { code: 'federation.issuer_blocked', detail: 'the operator has blocked the issuer' },
};

const BY_PARKING: Readonly<Record<ParkingCode, string>> = {
  'federation.issuer_over_quota': 'the issuer has said more than its quota',
  'federation.clock_ahead': 'the issuer\'s clock is ahead of this node\'s',
  'federation.entries_missing': 'entries of the issuer before this one are missing everywhere',
};

/** Whether entries of an issuer are looked at now, whoever carries them. */
@Injectable()
export class IssuerAdmission {
  constructor(
    private readonly peers: PeerDirectory, private readonly parked: ParkedIssuers, private readonly quotas: IssuerQuotas, private readonly clock: Clock,
  ) {}

  /** What keeps entries of an issuer out; undefined where nothing does. */
  hindranceOf(issuer: string): Hindrance | undefined {
    const standing = this.peers.standingOf(issuer);
    if (standing !== 'admitted') return BY_STANDING[standing];
    const now = this.nowMs();
    const parked = this.parked.at(issuer, now);
    if (parked !== undefined) return { code: parked.code, detail: BY_PARKING[parked.code] };
    const untilMs = this.quotas.spentUntil(issuer, now);
    return untilMs === undefined ? undefined : this.parking(issuer, 'federation.issuer_over_quota', untilMs);
  }

  /** Parks an issuer whose missing entries nobody has, for so long. */
  missing(issuer: string, forMs: number): Hindrance {
    return this.parking(issuer, 'federation.entries_missing', this.nowMs() + forMs);
  }

  /** Parks an issuer until an entry of the future has come to be of the present. */
  ahead(issuer: string, ts: number): Hindrance {
    return this.parking(issuer, 'federation.clock_ahead', ts - AHEAD_MS_MAX);
  }

  /** The first entry that is dated more than 5 minutes ahead. */
  firstAhead(entries: readonly OpenedEntry[]): OpenedEntry | undefined {
    const latest = this.nowMs() + AHEAD_MS_MAX;
    return entries.find(({ payload }) => payload.ts > latest);
  }

  /** Counts what was stored against the quota of its issuer. */
  charge(issuer: string, stored: readonly OpenedEntry[]): void {
    const bytes = stored.reduce((sum, { jws }) => sum + jws.length, 0);
    if (stored.length > 0) this.quotas.charge(issuer, { entries: stored.length, bytes }, this.nowMs());
  }

  private parking(issuer: string, code: ParkingCode, untilMs: number): Hindrance {
    return { code, detail: BY_PARKING[code], park: { issuer, code, untilMs } };
  }

  private nowMs(): number { return this.clock.now().getTime(); }
}
