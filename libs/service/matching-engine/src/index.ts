export { matchingEngineService } from './matching-engine-service.js';
