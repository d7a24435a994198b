import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import type { ServiceDefinition } from '@kula/platform-host';
import { PersistenceModule } from '@kula/platform-persistence';
import { CountEntries } from './count-entries.js';
import { CreateCounted1767265200000 } from './create-counted.migration.js';

@Module({})
class CountingModule {
  static for(databaseUrl: string): DynamicModule {
    return {
      module: CountingModule, imports: [PersistenceModule.forService(databaseUrl, { schema: 'counting', entities: [], migrations: [CreateCounted1767265200000] }), FederationClientModule],
      controllers: [CountEntries],
    };
  }
}

/** A service that does nothing but record what the log hands it. */
export const countingService: ServiceDefinition = { name: 'counting', module: ({ KULA_DATABASE_URL: databaseUrl }) => CountingModule.for(databaseUrl) };
