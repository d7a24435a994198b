import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { Clock } from '@kula/platform-runtime';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { backlogOf, linkWords, oldestOf, stateOf, type Health, type LinkHealth } from './domain/node-health.js';
import { IssuerConditions } from './issuer-condition.query.js';
import { LinkConditions, type LinkCondition } from './link-condition.query.js';
import { LogConditions } from './log-condition.query.js';
import { publicReason } from './public-reason.js';

type PublicStatus = z.output<typeof federation.publicStatus>;

/** How old the answer may be: anybody may ask, as often as they like. */
const FRESH_MS = 2_000;

/** How this node does, for anybody. */
@Injectable()
export class PublicStatusQuery {
  private said: Promise<Health> | undefined;
  private staleAtMs = 0;

  constructor(
    private readonly own: OwnNode, private readonly clock: Clock, private readonly log: LogConditions, private readonly issuers: IssuerConditions,
    private readonly links: LinkConditions,
  ) {}

  async status(): Promise<PublicStatus> {
    const health = await this.latest();
    return {
      nodeId: this.own.nodeId, name: this.own.announcement.name, ...stateOf(health), at: this.clock.now().toISOString(), backlog: backlogOf(health),
      peers: health.links.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map((link) => ({
        name: link.name, state: linkWords(link), behindEntries: link.behind.entries, undeliveredEntries: link.undelivered.entries, oldestSeconds: oldestOf(link),
      })),
    };
  }

  /** One reading for all who ask within two seconds. A failure is not kept. */
  private latest(): Promise<Health> {
    const nowMs = this.clock.now().getTime();
    if (this.said !== undefined && nowMs < this.staleAtMs && nowMs >= this.staleAtMs - FRESH_MS) return this.said;
    this.staleAtMs = nowMs + FRESH_MS;
    const reading = this.read();
    this.said = reading;
    reading.catch(() => { if (this.said === reading) this.said = undefined; });
    return reading;
  }

  private async read(): Promise<Health> {
    const [{ fault, stalled, sealing, drafts }, issuers, links] = await Promise.all([this.log.read(), this.issuers.read(), this.links.read()]);
    const frozen = new Set(issuers.filter(({ agreedUpTo }) => agreedUpTo !== null).map(({ issuer }) => issuer));
    return {
      fault: publicReason(fault), stalled: publicReason(stalled), sealingHeld: publicReason(sealing.reason), unsealed: drafts.unsealed, unsealedSeconds: drafts.oldestSeconds,
      links: links.flatMap((link) => healthOf(link, frozen)),
    };
  }
}

/** Peers with whom no link is agreed are nobody's business. */
function healthOf({ nodeId, name, peerState, isAgreed, link, behind, undelivered }: LinkCondition, frozen: ReadonlySet<string>): LinkHealth[] {
  if (!isAgreed || peerState === null) return [];
  return [{ name, peerState, linkState: link?.state ?? null, attempts: link?.attempts ?? 0, isFrozen: frozen.has(nodeId), behind, undelivered }];
}
