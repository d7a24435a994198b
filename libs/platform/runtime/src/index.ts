export { Chance, Clock, SystemChance, SystemClock } from './clock.js';
export { HealthRegistry, type HealthCheck } from './health.js';
export { ServiceLogger } from './logger.js';
export { nodeEd25519 } from './node-ed25519.js';
export { NodeIdentity } from './node-identity.js';
export { RepeatingTask } from './repeating-task.js';
export { readSettings, serviceSettings, SettingsError, type Environment, type ServiceSettings } from './settings.js';
