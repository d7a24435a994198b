import type { ServiceDefinition } from '@kula/platform-host';
import { ClearingModule } from './clearing.module.js';

/** Obligations and clearing runs between cooperatives, on one node. */
export const clearingService: ServiceDefinition = { name: 'clearing', module: (settings) => ClearingModule.for(settings) };
