import type { Provider } from '@nestjs/common';
import { FederationStatusQuery } from './federation-status.query.js';
import { IssuerConditions } from './issuer-condition.query.js';
import { KeepMeasures } from './keep-measures.js';
import { LinkConditions } from './link-condition.query.js';
import { ListEntriesQuery } from './list-entries.query.js';
import { LogConditions } from './log-condition.query.js';
import { PublicStatusQuery } from './public-status.query.js';

/** What says how this node does. */
export const statusProviders: readonly Provider[] = [IssuerConditions, LinkConditions, LogConditions, FederationStatusQuery, PublicStatusQuery, ListEntriesQuery, KeepMeasures];
