import type { Provider } from '@nestjs/common';
import { AcceptArrivals } from './accept-arrivals.js';
import { Backfill } from './backfill.js';
import { FetchParked } from './fetch-parked.js';
import { FreezeIssuer } from './freeze-issuer.js';
import { IssuerAdmission } from './issuer-admission.js';
import { IssuerQuotas, type QuotaOptions } from './issuer-quotas.js';
import { LinkSurroundings } from './link-surroundings.js';
import { LinkRepository } from './link.repository.js';
import { Links } from './links.js';
import { OwnArrivals } from './own-arrivals.js';
import { ParkedIssuers } from './parked-issuers.js';
import { PassOver } from './pass-over.js';
import { PeerSessions } from './peer-sessions.js';
import { StoreArrivals } from './store-arrivals.js';

/** Everything that takes entries of peers in. Wants an OwnLogWatch and a CheckpointAdopter. */
export const linkProviders = (quotas: QuotaOptions): Provider[] => [
  { provide: IssuerQuotas, useFactory: () => new IssuerQuotas(quotas) },
  LinkRepository, PeerSessions, ParkedIssuers, IssuerAdmission, PassOver, OwnArrivals, StoreArrivals, FreezeIssuer, AcceptArrivals, Backfill,
  FetchParked, LinkSurroundings, Links,
];
