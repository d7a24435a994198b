import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf, UnitOfWork } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import type { IdentitySettings } from './identity.settings.js';
import { CreateIdentityTables1767261600000 } from './migrations/1767261600000-create-identity-tables.js';
import { OwnNode } from './own-node.js';
import { Admission } from './registry/admission.js';
import { AnnouncementController } from './registry/announcement.controller.js';
import { FindParties } from './registry/persistence/find-parties.query.js';
import { NodeRepository } from './registry/persistence/node.repository.js';
import { PartyRepository } from './registry/persistence/party.repository.js';
import { RegisterCooperative } from './registry/register-cooperative.js';
import { RegisterParticipant } from './registry/register-participant.js';
import { RegistryController } from './registry/registry.controller.js';
import { ChallengeSweeper } from './session/challenge-sweeper.js';
import { Challenges } from './session/challenges.js';
import { OpenChallenge } from './session/open-challenge.js';
import { OpenSession } from './session/open-session.js';
import { RoleFinder } from './session/role-finder.js';
import { SessionKeyRepository } from './session/session-key.repository.js';
import { SessionTokens } from './session/session-tokens.js';
import { SessionController } from './session/session.controller.js';

const REGISTRY = [NodeRepository, PartyRepository, Admission, RegisterCooperative, RegisterParticipant, FindParties];
const SESSIONS = [Challenges, RoleFinder, SessionTokens, OpenChallenge, OpenSession, ChallengeSweeper];

/** Wires the identity service. What must be in the database before the first message is put there while the providers are made. */
@Module({})
export class IdentityModule {
  static for({ KULA_DATABASE_URL, KULA_NODE_ID }: ServiceSettings, settings: IdentitySettings): DynamicModule {
    const own = {
      provide: OwnNode, inject: [UnitOfWork, NodeRepository],
      useFactory: (unitOfWork: UnitOfWork, nodes: NodeRepository) => OwnNode.introduce(KULA_NODE_ID, settings, { unitOfWork, nodes }),
    };
    const keys = {
      provide: SessionKeyRepository, inject: [DataSource],
      useFactory: (dataSource: DataSource) => SessionKeyRepository.withSigningKey(dataSource),
    };
    const tables = { schema: schemaOf('identity'), entities: [], migrations: [CreateIdentityTables1767261600000] };
    return {
      module: IdentityModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [RegistryController, AnnouncementController, SessionController],
      providers: [own, keys, ...REGISTRY, ...SESSIONS],
    };
  }
}
