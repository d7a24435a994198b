import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { AnswerCandidates } from './answering/answer-candidates.js';
import { AnswerDetails } from './answering/answer-details.js';
import { AnsweringController } from './answering/answering.controller.js';
import { AskerGate } from './answering/asker-gate.js';
import { AskerQuotaRepository } from './answering/asker-quota.repository.js';
import { DisclosureRepository } from './answering/disclosure.repository.js';
import { FindDisclosures } from './answering/find-disclosures.query.js';
import { FindOwnListings } from './answering/own-listings.query.js';
import { GatherCandidates } from './asking/gather-candidates.js';
import { PeerAsking } from './asking/peer-asking.js';
import { ResolveRing } from './asking/resolve-ring.js';
import { FindTerms } from './asking/terms.query.js';
import { CapacityController } from './capacity/capacity.controller.js';
import { FollowCapacity } from './capacity/follow-capacity.js';
import { ImpactController } from './impact/impact.controller.js';
import { MeasureImpact } from './impact/measure-impact.query.js';
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
import { AddVisibilityModes1767265400000 } from './migrations/1767265400000-add-visibility-modes.js';
import { OwnNode } from './own-node.js';
import { PeerController } from './peers/peer.controller.js';
import { PeerStandingRepository } from './peers/peer-standing.repository.js';
import { FollowListings } from './replication/follow-listings.js';
import { FollowSummaries } from './replication/follow-summaries.js';
import { ListingEntryController } from './replication/listing-entry.controller.js';
import { ListingWordRepository } from './replication/listing-word.repository.js';
import { ListingWords } from './replication/listing-words.js';
import { FindRings } from './search/find-rings.query.js';
import { ProposeRing } from './search/propose-ring.js';
import { ProposedRingRepository } from './search/proposed-ring.repository.js';
import { RingRepository } from './search/ring.repository.js';
import { RunSearch } from './search/run-search.js';
import { SearchClockwork } from './search/search-clockwork.js';
import { SearchSnapshots } from './search/search-snapshot.query.js';
import { SearchController } from './search/search.controller.js';
import { SetAsideRingRepository } from './search/set-aside-ring.repository.js';
import { StandingController } from './standing/standing.controller.js';
import { StandingRepository } from './standing/standing.repository.js';
import { SummaryRepository } from './summary/summary.repository.js';
import { Pseudonyms } from './visibility/pseudonyms.js';
import { VisibilityController } from './visibility/visibility.controller.js';
import { VisibilityPolicy } from './visibility/visibility-policy.js';

const LISTINGS = [
  ListingRepository, ListingAnnouncer, ListingAdmission, ListingAuthor, PublishListing, WithdrawListing, ExpireListings, ListingClockwork, FindListings, FollowCapacity,
];
const REPLICATION = [FollowListings, FollowSummaries, ListingWords, ListingWordRepository, SummaryRepository];
const VISIBILITY = [
  { provide: Pseudonyms, useFactory: (dataSource: DataSource) => Pseudonyms.open(dataSource), inject: [DataSource] }, PeerStandingRepository, PeerAsking, FindTerms, GatherCandidates, ResolveRing, AskerGate, AskerQuotaRepository, DisclosureRepository, FindOwnListings,
  AnswerCandidates, AnswerDetails, FindDisclosures,
];
const SEARCH = [StandingRepository, SearchSnapshots, ProposedRingRepository, SetAsideRingRepository, RingRepository, ProposeRing, RunSearch, SearchClockwork, FindRings];

/** Wires the matching engine. */
@Module({})
export class MatchingModule {
  static for({ KULA_DATABASE_URL, KULA_NODE_ID }: ServiceSettings, settings: MatchingSettings): DynamicModule {
    const tables = { schema: schemaOf('matching-engine'), entities: [], migrations: [CreateMatchingTables1767265200000, AddVisibilityModes1767265400000] };
    return {
      module: MatchingModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [
        ListingController, ListingEntryController, CapacityController, StandingController, SearchController, PeerController, AnsweringController, VisibilityController, ImpactController,
      ],
      providers: [
        { provide: OwnNode, useFactory: () => new OwnNode(KULA_NODE_ID) }, { provide: MatchingPolicy, useFactory: () => new MatchingPolicy(settings) },
        { provide: VisibilityPolicy, useFactory: () => new VisibilityPolicy(settings) },
        ...LISTINGS, ...REPLICATION, ...VISIBILITY, ...SEARCH, MeasureImpact,
      ],
    };
  }
}
