export * from './operations.js';
export * from './events.js';
