export { federationService } from './federation-service.js';
export { FEDERATION_METRICS } from './metrics/federation.metrics.js';
