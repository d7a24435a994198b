/** How much of something is given, on average and at once. */
export interface Rate {
  readonly perSecond: number;
  readonly atOnce: number;
}

/** Addresses remembered at once. The one that was quiet longest is forgotten first, with a full bucket: what all share bounds that. */
const HOSTS_MAX = 4_096;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

function taken(bucket: Bucket | undefined, { perSecond, atOnce }: Rate, nowMs: number): { readonly isGiven: boolean; readonly bucket: Bucket } {
  const before = bucket ?? { tokens: atOnce, atMs: nowMs };
  const tokens = Math.min(atOnce, before.tokens + (Math.max(0, nowMs - before.atMs) * perSecond) / 1_000);
  const isGiven = tokens >= 1;
  return { isGiven, bucket: { tokens: isGiven ? tokens - 1 : tokens, atMs: nowMs } };
}

/** Token buckets in front of costly work for strangers: one per address, and one for all addresses together. O(1). */
export class AttemptBudget {
  private readonly hosts = new Map<string, Bucket>();
  private all: Bucket | undefined;

  constructor(private readonly rates: { readonly perHost: Rate; readonly all: Rate }) {}

  /** Takes one attempt of an address, and one of all where the address had one. False: there is none left. */
  take(host: string, nowMs: number): boolean {
    const own = taken(this.hosts.get(host), this.rates.perHost, nowMs);
    this.keep(host, own.bucket);
    if (!own.isGiven) return false;
    const shared = taken(this.all, this.rates.all, nowMs);
    this.all = shared.bucket;
    return shared.isGiven;
  }

  /** Keeps the addresses in the order in which they were last heard. */
  private keep(host: string, bucket: Bucket): void {
    this.hosts.delete(host);
    this.hosts.set(host, bucket);
    const quietest = this.hosts.keys().next();
    if (this.hosts.size > HOSTS_MAX && quietest.done !== true) this.hosts.delete(quietest.value);
  }
}
