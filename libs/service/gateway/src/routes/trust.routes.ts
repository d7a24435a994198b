import { trust } from '@kula/contracts';
import { route, type Route } from './route.js';

export const TRUST_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/v1/participants/{participantId}/trust', operation: trust.getTrustProfile }),
  route({ method: 'GET', path: '/v1/participants/{participantId}/attestations', operation: trust.listAttestations }),
  route({ method: 'POST', path: '/v1/attestation-checks', operation: trust.verifyAttestation, isIdempotent: false }),
  route({ method: 'GET', path: '/v1/node-credibility', operation: trust.listNodeCredibility }),
];
