import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { CapacityController } from './capacity/capacity.controller.js';
import { FollowCapacity } from './capacity/follow-capacity.js';
import { ExpireListings } from './listing/expire-listings.js';
import { FindListings } from './listing/find-listings.query.js';
import { ListingAdmission } from './listing/listing-admission.js';
import { ListingAnnouncer } from './listing/listing-announcer.js';
import { ListingAuthor } from './listing/listing-author.js';
import { ListingClockwork } from './listing/listing-clockwork.js';
import { ListingController } from './listing/listing.controller.js';
import { ListingRepository } from './listing/listing.repository.js';
import { PublishListing } from './listing/publish-listing.js';
import { WithdrawListing } from './listing/withdraw-listing.js';
import { MatchingPolicy } from './matching-policy.js';
import type { MatchingSettings } from './matching.settings.js';
import { CreateMatchingTables1767265200000 } from './migrations/1767265200000-create-matching-tables.js';
import { OwnNode } from './own-node.js';
import { ListingEntryController } from './replication/listing-entry.controller.js';
import { FindRings } from './search/find-rings.query.js';
import { ProposeRing } from './search/propose-ring.js';
import { ProposedRingRepository } from './search/proposed-ring.repository.js';
import { RingRepository } from './search/ring.repository.js';
import { RunSearch } from './search/run-search.js';
import { SearchClockwork } from './search/search-clockwork.js';
import { SearchSnapshots } from './search/search-snapshot.query.js';
import { SearchController } from './search/search.controller.js';
import { StandingController } from './standing/standing.controller.js';
import { StandingRepository } from './standing/standing.repository.js';

const LISTINGS = [
  ListingRepository, ListingAnnouncer, ListingAdmission, ListingAuthor, PublishListing, WithdrawListing, ExpireListings, ListingClockwork, FindListings, FollowCapacity,
];
const SEARCH = [StandingRepository, SearchSnapshots, ProposedRingRepository, RingRepository, ProposeRing, RunSearch, SearchClockwork, FindRings];

/** Wires the matching engine. */
@Module({})
export class MatchingModule {
  static for({ KULA_DATABASE_URL, KULA_NODE_ID }: ServiceSettings, settings: MatchingSettings): DynamicModule {
    const tables = { schema: schemaOf('matching-engine'), entities: [], migrations: [CreateMatchingTables1767265200000] };
    return {
      module: MatchingModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [ListingController, ListingEntryController, CapacityController, StandingController, SearchController],
      providers: [
        { provide: OwnNode, useFactory: () => new OwnNode(KULA_NODE_ID) }, { provide: MatchingPolicy, useFactory: () => new MatchingPolicy(settings) },
        ...LISTINGS, ...SEARCH,
      ],
    };
  }
}
