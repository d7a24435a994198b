import { Module, type DynamicModule } from '@nestjs/common';
import { PersistenceModule } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { FederationRunner } from './activity/federation-runner.js';
import type { FederationSettings } from './federation.settings.js';
import { AcceptArrivals } from './link/accept-arrivals.js';
import { LinkRepository } from './link/link.repository.js';
import { Links } from './link/links.js';
import { PeerSessions } from './link/peer-sessions.js';
import { EntryLog } from './log/entry-log.js';
import { LogGate } from './log/log-gate.js';
import { StreamCursor } from './log/stream-cursor.js';
import { CreateFederationLog1767265200000 } from './migrations/1767265200000-create-federation-log.js';
import { OwnNode } from './own-node.js';
import { PeerDirectory } from './peers/peer-directory.js';
import { EntryDistributor } from './publishing/entry-distributor.js';
import { LogPublisher } from './publishing/log-publisher.js';
import { AnnounceNode } from './sealing/announce-node.js';
import { DraftSealer } from './sealing/draft-sealer.js';
import { SealDrafts } from './sealing/seal-drafts.js';
import { AnswerOpen } from './serving/answer-open.js';
import { AnswerRange } from './serving/answer-range.js';
import { PEER_ANSWERINGS, type PeerAnswering } from './serving/peer-answering.js';
import { PeerApi } from './serving/peer-api.js';
import { FederationController } from './status/federation.controller.js';
import { FederationStatusQuery } from './status/federation-status.query.js';
import { ListEntriesQuery } from './status/list-entries.query.js';
import { LogConnection } from './streams/log-connection.js';

/** Wiring of the federation service. */
@Module({})
export class FederationModule {
  static for(service: ServiceSettings, { own, logNats, peersFile }: FederationSettings): DynamicModule {
    return {
      module: FederationModule,
      imports: [PersistenceModule.forService(service.KULA_DATABASE_URL, {
        schema: 'federation', entities: [], migrations: [CreateFederationLog1767265200000],
      })],
      controllers: [FederationController],
      providers: [
        { provide: OwnNode, useValue: own },
        { provide: LogConnection, useFactory: () => LogConnection.open(logNats) },
        { provide: PeerDirectory, useFactory: () => PeerDirectory.open(peersFile, own.nodeId) },
        EntryLog, LogGate, StreamCursor, LogPublisher, EntryDistributor, AnnounceNode, SealDrafts, DraftSealer,
        LinkRepository, AcceptArrivals, Links, PeerSessions, AnswerOpen, AnswerRange,
        { provide: PEER_ANSWERINGS, useFactory: (...all: PeerAnswering[]) => all, inject: [AnswerOpen, AnswerRange] }, PeerApi, FederationStatusQuery, ListEntriesQuery, FederationRunner,
      ],
    };
  }
}
