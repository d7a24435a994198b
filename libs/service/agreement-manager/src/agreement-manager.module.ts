import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { ActOnAgreement } from './agreement/act-on-agreement.js';
import { AgreementBook } from './agreement/agreement-book.js';
import { AgreementEntriesController } from './agreement/agreement-entries.controller.js';
import { AgreementExpiry } from './agreement/agreement-expiry.js';
import { AgreementController } from './agreement/agreement.controller.js';
import { AgreementRepository } from './agreement/agreement.repository.js';
import { DraftAgreement } from './agreement/draft-agreement.js';
import { FindAgreements } from './agreement/find-agreements.query.js';
import { ProposeAgreement } from './agreement/propose-agreement.js';
import { SignAgreement } from './agreement/sign-agreement.js';
import { ImpactController } from './impact/impact.controller.js';
import { MeasureImpact } from './impact/measure-impact.query.js';
import { CreateAgreements1767265200000 } from './migrations/1767265200000-create-agreements.js';
import { CooperativeEntriesController } from './registry/cooperative-entries.controller.js';
import { CooperativeRepository } from './registry/cooperative.repository.js';

/** Wires the agreement manager. */
@Module({})
export class AgreementManagerModule {
  static for({ KULA_DATABASE_URL }: ServiceSettings): DynamicModule {
    const tables = { schema: schemaOf('agreement-manager'), entities: [], migrations: [CreateAgreements1767265200000] };
    return {
      module: AgreementManagerModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [AgreementController, AgreementEntriesController, CooperativeEntriesController, ImpactController],
      providers: [
        AgreementRepository, CooperativeRepository, AgreementBook,
        DraftAgreement, ProposeAgreement, SignAgreement, ActOnAgreement, FindAgreements, AgreementExpiry, MeasureImpact,
      ],
    };
  }
}
