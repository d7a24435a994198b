export { clearingService } from './clearing-service.js';
