export * from './operations.js';
export * from './peers.js';
export * from './quarantine.js';
export * from './peer-questions.js';
