/** One configuration for every project: ES modules, compiled file by file, packages taken from their sources. */
const swc = (module) => ['@swc/jest', {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: module },
}];

export default {
  testMatch: ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '/node_modules/cookie/.+\\.js$': swc('commonjs'),
    '\\.ts$': swc('es6'),
  },
  transformIgnorePatterns: ['/node_modules/(?!cookie/)'],
  modulePathIgnorePatterns: ['/dist/', '/.cache/', '/.demo/'],
  testTimeout: 60_000,
};
