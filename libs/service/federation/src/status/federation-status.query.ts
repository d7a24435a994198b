import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import type { z } from 'zod';
import { OwnNode } from '../own-node.js';
import { IssuerConditions, type IssuerCondition } from './issuer-condition.query.js';
import { LinkConditions, type LinkCondition } from './link-condition.query.js';
import { LogConditions } from './log-condition.query.js';
import { publicReason } from './public-reason.js';

type Status = z.output<typeof federation.federationStatus>;

/** The state of the log and its links, for everybody: reasons come without addresses. */
@Injectable()
export class FederationStatusQuery {
  constructor(
    private readonly own: OwnNode, private readonly log: LogConditions, private readonly issuers: IssuerConditions, private readonly links: LinkConditions,
  ) {}

  async status(): Promise<Status> {
    const [{ fault, stalled, sealing, drafts, setAside, unpublished }, issuers, links] = await Promise.all([this.log.read(), this.issuers.read(), this.links.read()]);
    return {
      nodeId: this.own.nodeId, network: this.own.network, fault: publicReason(fault ?? stalled), sealing: { ...sealing, reason: publicReason(sealing.reason) },
      heads: issuers.map(presentHead), links: links.flatMap(presentLink), unsealed: drafts.unsealed, setAside, unpublished,
    };
  }
}

const presentHead = ({ issuer, seq, hash, agreedUpTo, last }: IssuerCondition): Status['heads'][number] => ({
  issuer, seq, hash, agreedUpTo, isFrozen: agreedUpTo !== null,
  ...(last !== null && { lastSealedAt: last.sealedAt.toISOString(), lastStoredAt: last.storedAt.toISOString() }),
});

function presentLink({ nodeId: peer, name, link, refused, behind, undelivered }: LinkCondition): Status['links'] {
  if (link === null) return [];
  const { state, lastError, lastEntryAt, received } = link;
  return [{ peer, name, state, lastError: publicReason(lastError), lastEntryAt: lastEntryAt?.toISOString() ?? null, received, refused, behind, undelivered }];
}
