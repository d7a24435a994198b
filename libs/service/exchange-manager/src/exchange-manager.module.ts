import { Module, type DynamicModule } from '@nestjs/common';
import { FederationClientModule } from '@kula/platform-federation';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import { Clock, type ServiceSettings } from '@kula/platform-runtime';
import { CapacityAccountRepository } from './capacity/capacity-account.repository.js';
import { ListingController } from './capacity/listing.controller.js';
import { ChainDesk } from './chain/chain-desk.js';
import { ChainEffects } from './chain/chain-effects.js';
import { ChainLogController } from './chain/chain-log.controller.js';
import { ChainController } from './chain/chain.controller.js';
import { ChainRepository } from './chain/chain.repository.js';
import { DeadlineWatch } from './chain/deadline-watch.js';
import { GiveConsent } from './chain/give-consent.js';
import { GiveSignal } from './chain/give-signal.js';
import { ParkedEntryRepository } from './chain/parked-entry.repository.js';
import { ProposeChain } from './chain/propose-chain.js';
import { FindChains } from './chain/reading/find-chains.query.js';
import { TakeInEntry } from './chain/take-in-entry.js';
import type { ExchangeSettings } from './exchange-manager.settings.js';
import { ImpactController } from './impact/impact.controller.js';
import { MeasureImpact } from './impact/measure-impact.query.js';
import { CreateExchangeTables1767268800000 } from './migrations/1767268800000-create-exchange-tables.js';
import { OwnNode } from './own-node.js';

const CAPACITY = [CapacityAccountRepository];
const CHAINS = [
  ChainRepository, ParkedEntryRepository, ChainEffects, ChainDesk, TakeInEntry, ProposeChain, GiveConsent, GiveSignal, DeadlineWatch, FindChains,
];

/** Wires the exchange-manager service. */
@Module({})
export class ExchangeManagerModule {
  static for({ KULA_DATABASE_URL, KULA_NODE_ID }: ServiceSettings, settings: ExchangeSettings): DynamicModule {
    const own = { provide: OwnNode, inject: [Clock], useFactory: (clock: Clock) => new OwnNode(KULA_NODE_ID, settings, clock) };
    const tables = { schema: schemaOf('exchange-manager'), entities: [], migrations: [CreateExchangeTables1767268800000] };
    return {
      module: ExchangeManagerModule,
      imports: [PersistenceModule.forService(KULA_DATABASE_URL, tables), FederationClientModule],
      controllers: [ListingController, ChainLogController, ChainController, ImpactController],
      providers: [own, ...CAPACITY, ...CHAINS, MeasureImpact],
    };
  }
}
