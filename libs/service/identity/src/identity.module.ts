import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule, FederationOutbox } from '@kula/platform-federation';
import { PersistenceModule, schemaOf, UnitOfWork } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { IssuerRepository } from './activity/issuer.repository.js';
import { LogReports } from './activity/log-reports.js';
import { ClaimReports } from './claims/claim-reports.js';
import { FindClaims } from './claims/find-claims.query.js';
import type { IdentitySettings } from './identity.settings.js';
import { ImpactController } from './impact/impact.controller.js';
import { MeasureImpact } from './impact/measure-impact.query.js';
import { CreateIdentityTables1767261600000 } from './migrations/1767261600000-create-identity-tables.js';
import { ExtendRegistry1767348000000 } from './migrations/1767348000000-extend-registry.js';
import { OwnNode } from './own-node/own-node.js';
import { OwnUpdateRepository } from './own-node/own-update.repository.js';
import { ProfileController } from './profile/profile.controller.js';
import { ProfileRepository } from './profile/profile.repository.js';
import { Profiles } from './profile/profiles.js';
import { SetCooperativeProfile } from './profile/set-cooperative-profile.js';
import { Admission } from './registry/admission.js';
import { AnnouncementController } from './registry/announcement.controller.js';
import { FindNodes } from './registry/persistence/find-nodes.query.js';
import { FindParties } from './registry/persistence/find-parties.query.js';
import { NodeRepository } from './registry/persistence/node.repository.js';
import { PartyRepository } from './registry/persistence/party.repository.js';
import { RegisterCooperative } from './registry/register-cooperative.js';
import { RegisterParticipant } from './registry/register-participant.js';
import { RegistryController } from './registry/registry.controller.js';
import { FindRegistry } from './search/find-registry.query.js';
import { ChallengeSweeper } from './session/challenge-sweeper.js';
import { Challenges } from './session/challenges.js';
import { OpenChallenge } from './session/open-challenge.js';
import { OpenSession } from './session/open-session.js';
import { RoleFinder } from './session/role-finder.js';
import { SessionKeyRepository } from './session/session-key.repository.js';
import { SessionTokens } from './session/session-tokens.js';
import { SessionController } from './session/session.controller.js';

const REGISTRY = [
  NodeRepository, PartyRepository, Admission, RegisterCooperative, RegisterParticipant, FindParties, FindNodes, FindRegistry, ClaimReports, FindClaims,
];
const PROFILES = [ProfileRepository, Profiles, SetCooperativeProfile];
const ACTIVITY = [IssuerRepository, LogReports];
const SESSIONS = [Challenges, RoleFinder, SessionTokens, OpenChallenge, OpenSession, ChallengeSweeper];

/** Wires the identity service. What must be in the database before the first message is put there while the providers are made. */
@Module({})
export class IdentityModule {
  static for({ KULA_DATABASE_URL, KULA_NODE_ID }: ServiceSettings, settings: IdentitySettings): DynamicModule {
    const own = {
      provide: OwnNode, inject: [UnitOfWork, NodeRepository, OwnUpdateRepository, FederationOutbox],
      useFactory: (unitOfWork: UnitOfWork, nodes: NodeRepository, updates: OwnUpdateRepository, outbox: FederationOutbox) =>
        OwnNode.introduce(KULA_NODE_ID, settings, { unitOfWork, nodes, updates, outbox }),
    };
    const keys = {
      provide: SessionKeyRepository, inject: [DataSource],
      useFactory: (dataSource: DataSource) => SessionKeyRepository.withSigningKey(dataSource),
    };
    const tables = { schema: schemaOf('identity'), entities: [], migrations: [CreateIdentityTables1767261600000, ExtendRegistry1767348000000] };
    return {
      module: IdentityModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [RegistryController, AnnouncementController, ProfileController, SessionController, ImpactController],
      providers: [own, keys, OwnUpdateRepository, ...REGISTRY, ...PROFILES, ...ACTIVITY, ...SESSIONS, MeasureImpact],
    };
  }
}
