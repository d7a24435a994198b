import type { ServiceDefinition } from '@kula/platform-host';
import { FederationModule } from './federation.module.js';
import { readFederationSettings } from './federation.settings.js';

/** The only door for peers: the only holder of the node's signing key, the only writer of its log. */
export const federationService: ServiceDefinition = {
  name: 'federation',
  module: (settings, env) => FederationModule.for(settings, readFederationSettings(settings, env)),
};
