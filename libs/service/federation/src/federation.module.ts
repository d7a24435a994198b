import { Module, type DynamicModule } from '@nestjs/common';
import { PersistenceModule } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { DUTIES, type Duty } from './activity/duty.js';
import { FederationRunner } from './activity/federation-runner.js';
import { checkpointProviders } from './checkpoint/checkpoint.providers.js';
import { CheckpointWriter } from './checkpoint/checkpoint-writer.js';
import { ConfirmCheckpoints } from './checkpoint/confirm-checkpoints.js';
import { Retention } from './checkpoint/retention.js';
import type { FederationSettings } from './federation.settings.js';
import { headProviders } from './heads/head.providers.js';
import { HeadExchange } from './heads/head-exchange.js';
import { FetchParked } from './link/fetch-parked.js';
import { linkProviders } from './link/link.providers.js';
import { Links } from './link/links.js';
import { EntryLog } from './log/entry-log.js';
import { LogGate } from './log/log-gate.js';
import { StreamCursor } from './log/stream-cursor.js';
import { metricsProviders } from './metrics/metrics.providers.js';
import { CreateFederationLog1767265200000 } from './migrations/1767265200000-create-federation-log.js';
import { AddNodeKeys1767265300000 } from './migrations/1767265300000-add-node-keys.js';
import { CreateHeadVectors1767265400000 } from './migrations/1767265400000-create-head-vectors.js';
import { AddPeers1767265500000 } from './migrations/1767265500000-add-peers.js';
import { AddCheckpoints1767265600000 } from './migrations/1767265600000-add-checkpoints.js';
import { AddMeasures1767265700000 } from './migrations/1767265700000-add-measures.js';
import { AddStalledCopies1767265800000 } from './migrations/1767265800000-add-stalled-copies.js';
import { OwnNode } from './own-node.js';
import { PEER_CONTROLLERS, peerProviders } from './peers/peer.providers.js';
import { EntryDistributor } from './publishing/entry-distributor.js';
import { IssuerKeys } from './publishing/issuer-keys.js';
import { LogPublisher } from './publishing/log-publisher.js';
import { StalledCopies } from './publishing/stalled-copies.js';
import { AskPeer } from './questions/ask-peer.js';
import { QuestionsController } from './questions/questions.controller.js';
import { QuarantineController } from './quarantine/quarantine.controller.js';
import { quarantineProviders } from './quarantine/quarantine.providers.js';
import { TakeInProofs } from './quarantine/take-in-proofs.js';
import { TellProofs } from './quarantine/tell-proofs.js';
import { OwnLogConfirmation } from './recovery/own-log-confirmation.js';
import { recoveryProviders } from './recovery/recovery.providers.js';
import { AnnounceNode } from './sealing/announce-node.js';
import { ConfirmKey } from './sealing/confirm-key.js';
import { DraftSealer } from './sealing/draft-sealer.js';
import { OwnEntries } from './sealing/own-entries.js';
import { SealDrafts } from './sealing/seal-drafts.js';
import { AnswerAsk } from './serving/answer-ask.js';
import { AnswerHeads } from './serving/answer-heads.js';
import { AnswerOpen } from './serving/answer-open.js';
import { AnswerProof } from './serving/answer-proof.js';
import { AnswerRange } from './serving/answer-range.js';
import { AnswerSnapshot } from './serving/answer-snapshot.js';
import { PEER_ANSWERINGS, type PeerAnswering } from './serving/peer-answering.js';
import { PeerApi } from './serving/peer-api.js';
import { FederationController } from './status/federation.controller.js';
import { KeepMeasures } from './status/keep-measures.js';
import { statusProviders } from './status/status.providers.js';
import { LogConnection } from './streams/log-connection.js';

/** Wiring of the federation service. */
@Module({})
export class FederationModule {
  static for(service: ServiceSettings, { own, logNats, stream, peers, quotas, checkpoints }: FederationSettings): DynamicModule {
    return {
      module: FederationModule,
      imports: [PersistenceModule.forService(service.KULA_DATABASE_URL, {
        schema: 'federation', entities: [], migrations: [CreateFederationLog1767265200000, AddNodeKeys1767265300000, CreateHeadVectors1767265400000, AddPeers1767265500000, AddCheckpoints1767265600000, AddMeasures1767265700000, AddStalledCopies1767265800000],
      })],
      controllers: [FederationController, ...PEER_CONTROLLERS, QuestionsController, QuarantineController],
      providers: [
        { provide: OwnNode, useValue: own },
        { provide: LogConnection, useFactory: () => LogConnection.open({ ...logNats, ...stream }) },
        ...peerProviders(peers), AskPeer, AnswerAsk,
        EntryLog, LogGate, StreamCursor, StalledCopies, LogPublisher, IssuerKeys, EntryDistributor, OwnEntries, AnnounceNode, ConfirmKey, SealDrafts, DraftSealer,
        ...linkProviders(quotas),
        ...checkpointProviders(checkpoints), ...headProviders, ...recoveryProviders, ...quarantineProviders,
        { provide: DUTIES, useFactory: (...all: Duty[]) => all, inject: [LogPublisher, OwnLogConfirmation, DraftSealer, EntryDistributor, FetchParked, Links, AskPeer, HeadExchange, TakeInProofs, TellProofs, ConfirmCheckpoints, CheckpointWriter, Retention, KeepMeasures] }, AnswerOpen, AnswerRange,
        AnswerHeads, AnswerProof,
        { provide: PEER_ANSWERINGS, useFactory: (...all: PeerAnswering[]) => all, inject: [AnswerOpen, AnswerRange, AnswerAsk, AnswerHeads, AnswerProof, AnswerSnapshot] }, PeerApi, ...statusProviders, ...metricsProviders, FederationRunner,
      ],
    };
  }
}
