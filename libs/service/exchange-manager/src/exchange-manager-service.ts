import type { ServiceDefinition } from '@kula/platform-host';
import { readSettings } from '@kula/platform-runtime';
import { ExchangeManagerModule } from './exchange-manager.module.js';
import { exchangeSettings } from './exchange-manager.settings.js';

/** Chains, reservations and consents of one node. */
export const exchangeManagerService: ServiceDefinition = {
  name: 'exchange-manager',
  module: (settings, env) => ExchangeManagerModule.for(settings, readSettings(exchangeSettings, 'exchange-manager', env)),
};
