export * from './announce.js';
export * from './graph.js';
export * from './chains.js';
export * from './attestations.js';
export * from './agreements.js';
export * from './clearing.js';
export * from './governance.js';
