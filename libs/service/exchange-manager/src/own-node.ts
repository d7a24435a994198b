import { nodeEd25519, type Clock } from '@kula/platform-runtime';
import type { ListingAccount, LocalNode } from './chain/domain/chain.types.js';
import { CONSENT_HOURS_MAX, type ExchangeSettings } from './exchange-manager.settings.js';

const HOUR_MS = 3_600_000;

/** A day for clocks that differ and for messages on their way. */
const HORIZON_HOURS = CONSENT_HOURS_MAX + 24;

const NO_LISTINGS: ReadonlyMap<string, ListingAccount> = new Map();

/** The node this service belongs to, as decisions see it. */
export class OwnNode {
  constructor(readonly nodeId: string, private readonly settings: ExchangeSettings, private readonly clock: Clock) {}

  /** The present, in UTC. */
  now(): string { return this.inHours(0); }

  /** When consents to a proposal made now are due. */
  consentDeadline(): string { return this.inHours(this.settings.KULA_CONSENT_HOURS); }

  /** Leases whose consent deadline is not after this have run out. */
  leaseEdge(): string { return this.inHours(-this.settings.KULA_LEASE_GRACE_HOURS); }

  /** The node at this moment, with what it knows of its listings where the decision needs it. */
  deciding(listings: ReadonlyMap<string, ListingAccount> = NO_LISTINGS): LocalNode {
    const moment = { now: this.now(), leaseEdge: this.leaseEdge(), horizon: this.inHours(HORIZON_HOURS) };
    return { nodeId: this.nodeId, ed25519: nodeEd25519, moment, listings };
  }

  private inHours(hours: number): string {
    return new Date(this.clock.now().getTime() + hours * HOUR_MS).toISOString();
  }
}
