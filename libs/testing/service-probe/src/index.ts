export { ServiceProbe, until } from './service-probe.js';
