export { exchangeManagerService } from './exchange-manager-service.js';
