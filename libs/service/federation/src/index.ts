export { federationService } from './federation-service.js';
