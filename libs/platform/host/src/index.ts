export { runUntilSignal } from './run-until-signal.js';
export type { RunningService, ServiceDefinition } from './service-definition.js';
export { startService } from './start-service.js';
