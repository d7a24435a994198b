import { Allowance } from './domain/allowance.js';

/** What one issuer may add to this node's database. */
export interface QuotaOptions {
  /** Entries a second in the long run. */
  readonly entriesPerSecond: number;
  readonly bytesPerDay: number;
}

/** Entries that may come at once: a newcomer's whole history must fit in. */
const ENTRIES_AT_ONCE = 500_000;
const SECONDS_PER_DAY = 86_400;
/** Issuers are admitted one by one by people; this only bounds the memory. */
const ISSUERS_MAX = 10_000;

interface Allowances { readonly entries: Allowance; readonly bytes: Allowance }

/**
 * How much of each issuer is still taken.
 *
 * Counts what was stored, which the issuer has signed: nobody else can use up what is its own. Begins anew with the process.
 */
export class IssuerQuotas {
  private readonly issuers = new Map<string, Allowances>();

  constructor(private readonly options: QuotaOptions) {}

  /** Until when nothing more is taken of an issuer, in milliseconds; undefined where it is within its quota. */
  spentUntil(issuer: string, nowMs: number): number | undefined {
    const known = this.issuers.get(issuer);
    if (known === undefined) return undefined;
    const rests = [known.entries.restsUntil(nowMs), known.bytes.restsUntil(nowMs)].filter((until) => until !== undefined);
    return rests.length === 0 ? undefined : Math.max(...rests);
  }

  charge(issuer: string, { entries, bytes }: { readonly entries: number; readonly bytes: number }, nowMs: number): void {
    const allowances = this.issuers.get(issuer) ?? this.begin(issuer, nowMs);
    allowances.entries.spend(entries, nowMs);
    allowances.bytes.spend(bytes, nowMs);
  }

  private begin(issuer: string, nowMs: number): Allowances {
    const { entriesPerSecond, bytesPerDay } = this.options;
    const allowances = {
      entries: new Allowance({ perSecond: entriesPerSecond, atOnce: Math.max(ENTRIES_AT_ONCE, entriesPerSecond) }, nowMs),
      bytes: new Allowance({ perSecond: bytesPerDay / SECONDS_PER_DAY, atOnce: bytesPerDay }, nowMs),
    };
    if (this.issuers.size >= ISSUERS_MAX) this.issuers.clear();
    this.issuers.set(issuer, allowances);
    return allowances;
  }
}
