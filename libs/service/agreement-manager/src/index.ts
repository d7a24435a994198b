export { agreementManagerService } from './agreement-manager-service.js';
