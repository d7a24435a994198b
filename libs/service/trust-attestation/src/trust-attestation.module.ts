import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { AcceptAttestation } from './attestation/accept-attestation.js';
import { AttestationEntriesController } from './attestation/attestation-entries.controller.js';
import { AttestationIntake } from './attestation/attestation-intake.js';
import { AttestationController } from './attestation/attestation.controller.js';
import { AttestationRepository } from './attestation/attestation.repository.js';
import { IssueAttestation } from './attestation/issue-attestation.js';
import { VerifyAttestation } from './attestation/verify-attestation.js';
import { CreateTrustTables1767268800000 } from './migrations/1767268800000-create-trust-tables.js';
import { AddNodeKeys1767268900000 } from './migrations/1767268900000-add-node-keys.js';
import { ChainAnswerEntriesController } from './node/chain-answer-entries.controller.js';
import { CreditNode } from './node/credit-node.js';
import { ExperienceRepository } from './node/experience.repository.js';
import { NodeController } from './node/node.controller.js';
import { NodeKeyRepository } from './node/node-key.repository.js';
import { NodeRepository } from './node/node.repository.js';
import { AssessProfile } from './profile/assess-profile.js';
import { ChainEndedController } from './profile/chain-ended.controller.js';
import { DueReviews } from './profile/due-reviews.js';
import { OutcomeRepository } from './profile/outcome.repository.js';
import { ProfileController } from './profile/profile.controller.js';
import { ProfileRepository } from './profile/profile.repository.js';
import { RecordChain } from './profile/record-chain.js';
import { ReviewProfile } from './profile/review-profile.js';
import { AnnouncementEntriesController } from './registry/announcement-entries.controller.js';

/** Wires the trust service. */
@Module({})
export class TrustAttestationModule {
  static for({ KULA_DATABASE_URL }: ServiceSettings): DynamicModule {
    const tables = { schema: schemaOf('trust-attestation'), entities: [], migrations: [CreateTrustTables1767268800000, AddNodeKeys1767268900000] };
    return {
      module: TrustAttestationModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [
        ProfileController, AttestationController, NodeController, ChainEndedController, AnnouncementEntriesController, AttestationEntriesController,
        ChainAnswerEntriesController,
      ],
      providers: [
        ProfileRepository, OutcomeRepository, AttestationRepository, NodeRepository, NodeKeyRepository, ExperienceRepository,
        AssessProfile, ReviewProfile, RecordChain, DueReviews, CreditNode, AcceptAttestation, AttestationIntake, IssueAttestation, VerifyAttestation,
      ],
    };
  }
}
