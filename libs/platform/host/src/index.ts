export { startProcessDoor, type ProcessDoor } from './process-door.js';
export { runUntilSignal } from './run-until-signal.js';
export type { RunningService, ServiceDefinition } from './service-definition.js';
export { startService } from './start-service.js';
