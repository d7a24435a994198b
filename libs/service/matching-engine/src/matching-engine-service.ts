import type { ServiceDefinition } from '@kula/platform-host';
import { readSettings } from '@kula/platform-runtime';
import { MatchingModule } from './matching.module.js';
import { matchingSettings } from './matching.settings.js';

/** Listings, the exchange graph and the rings found in it, of one node. */
export const matchingEngineService: ServiceDefinition = {
  name: 'matching-engine',
  module: (settings, env) => MatchingModule.for(settings, readSettings(matchingSettings, 'matching-engine', env)),
};
