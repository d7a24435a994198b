import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import type { ServiceSettings } from '@kula/platform-runtime';
import { ArrangementEventsController } from './arrangement/arrangement-events.controller.js';
import { ArrangementRepository } from './arrangement/arrangement.repository.js';
import { ApproveClearingRun } from './clearing-run/approve-clearing-run.js';
import { ClearingRunBook } from './clearing-run/clearing-run-book.js';
import { ClearingRunController } from './clearing-run/clearing-run.controller.js';
import { ClearingRunRepository } from './clearing-run/clearing-run.repository.js';
import { ComputeClearingRun } from './clearing-run/compute-clearing-run.js';
import { FindClearingRuns } from './clearing-run/find-clearing-runs.query.js';
import { FrozenSets } from './clearing-run/frozen-sets.js';
import { OpenClearingRun } from './clearing-run/open-clearing-run.js';
import { RunEntries } from './clearing-run/run-entries.js';
import { ClearingEntriesController } from './entries/clearing-entries.controller.js';
import { EntryIntake } from './entries/entry-intake.js';
import { EntryProgressRepository } from './entries/entry-progress.repository.js';
import { ImpactController } from './impact/impact.controller.js';
import { MeasureImpact } from './impact/measure-impact.query.js';
import { CreateClearing1767272400000 } from './migrations/1767272400000-create-clearing.js';
import { ConfirmObligation } from './obligation/confirm-obligation.js';
import { FindObligations } from './obligation/find-obligations.query.js';
import { ObligationEntries } from './obligation/obligation-entries.js';
import { ObligationController } from './obligation/obligation.controller.js';
import { ObligationRepository } from './obligation/obligation.repository.js';
import { RecordObligation } from './obligation/record-obligation.js';

/** Wires clearing. */
@Module({})
export class ClearingModule {
  static for({ KULA_DATABASE_URL }: ServiceSettings): DynamicModule {
    const tables = { schema: schemaOf('clearing'), entities: [], migrations: [CreateClearing1767272400000] };
    return {
      module: ClearingModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [ObligationController, ClearingRunController, ArrangementEventsController, ClearingEntriesController, ImpactController],
      providers: [
        ArrangementRepository, ObligationRepository, ClearingRunRepository,
        EntryProgressRepository, RecordObligation, ConfirmObligation, FindObligations, ObligationEntries,
        ClearingRunBook, FrozenSets, OpenClearingRun, ComputeClearingRun, ApproveClearingRun, FindClearingRuns, RunEntries, EntryIntake, MeasureImpact,
      ],
    };
  }
}
