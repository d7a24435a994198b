export * from './operations.js';
export * from './visibility.js';
export * from './questions.js';
export * from './events.js';
