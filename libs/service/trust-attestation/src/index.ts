export { trustAttestationService } from './trust-attestation-service.js';
