import type { ServiceDefinition } from '@kula/platform-host';
import { AgreementManagerModule } from './agreement-manager.module.js';

/** Agreements between cooperatives, on one node. */
export const agreementManagerService: ServiceDefinition = { name: 'agreement-manager', module: (settings) => AgreementManagerModule.for(settings) };
