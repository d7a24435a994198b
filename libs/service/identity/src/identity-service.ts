import type { ServiceDefinition } from '@kula/platform-host';
import { readSettings } from '@kula/platform-runtime';
import { IdentityModule } from './identity.module.js';
import { identitySettings } from './identity.settings.js';

/** Nodes, cooperatives, participants and sessions of one node. */
export const identityService: ServiceDefinition = {
  name: 'identity',
  module: (settings, env) => IdentityModule.for(settings, readSettings(identitySettings, 'identity', env)),
};
