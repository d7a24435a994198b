import type { ServiceDefinition } from '@kula/platform-host';
import { TrustAttestationModule } from './trust-attestation.module.js';

/** Trust profiles, attestations and the credibility of nodes, on one node. */
export const trustAttestationService: ServiceDefinition = { name: 'trust-attestation', module: (settings) => TrustAttestationModule.for(settings) };
