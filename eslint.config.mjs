/**
 * Every boundary and size rule of the workspace, and the few correctness rules that need no type information.
 *
 * `@nx/enforce-module-boundaries` guards *between* projects, by tags; the purity blocks guard *inside* kernels, contracts and domain
 * folders. In flat config a later block replaces the same rule instead of merging with it, so every rule name below is set by
 * blocks whose files do not overlap, or a later block repeats the earlier entries (the `*_SYNTAX` lists).
 */
import { builtinModules } from 'node:module';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { refreshProjectGraph } from './tools/guards/project-graph.mjs';

// The boundary rule reads the project graph from Nx's cache and would judge a new file by an old graph, or be skipped without one.
await refreshProjectGraph();

const SCOPE = '@kula';
const CONTEXTS = ['gateway', 'federation', 'identity', 'trust-attestation', 'exchange-manager',
  'agreement-manager', 'matching-engine', 'clearing'];
const FRAMEWORKS = ['@nestjs/*', '@nats-io/*', 'typeorm*', 'pg', 'pg/*', 'rxjs', 'rxjs/*'];
const TEST_TOOLS = ['@jest/globals', 'fast-check', 'jose'];
const SPECS = ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts'];

/** What a layer may depend on, what only its specs may, and which npm packages it may see (absent: any). */
const LAYERS = {
  kernel: { to: ['kernel'], npm: ['@noble/*'] },
  contracts: { to: ['contracts', 'kernel'], npm: ['zod'] },
  platform: { to: ['platform', 'contracts', 'kernel'], inSpecs: ['fixtures'] },
  service: { to: ['platform', 'contracts', 'kernel'], inSpecs: ['fixtures'] },
  app: { to: ['service', 'platform', 'contracts'] },
  // The fixtures that start servers see the platform; those of `runtime:any` do not, because the platform is of `runtime:node`.
  fixtures: { to: ['fixtures', 'platform', 'contracts', 'kernel'] },
  harness: { to: ['harness', 'service', 'platform', 'fixtures', 'contracts', 'kernel'] },
  e2e: { to: ['harness', 'fixtures', 'contracts', 'kernel'] },
};

const tagged = (dimension, names) => names.map((name) => `${dimension}:${name}`);

const layerConstraints = (inSpec) => Object.entries(LAYERS).map(([layer, { to, inSpecs = [], npm }]) => ({
  sourceTag: `type:${layer}`,
  onlyDependOnLibsWithTags: tagged('type', inSpec ? [...to, ...inSpecs] : to),
  ...(npm && { allowedExternalImports: inSpec ? [...npm, ...TEST_TOOLS] : npm }),
}));

const SCOPE_CONSTRAINTS = [
  { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
  { sourceTag: 'scope:network', onlyDependOnLibsWithTags: ['*'] },
  ...CONTEXTS.map((context) => ({
    sourceTag: `scope:${context}`, onlyDependOnLibsWithTags: [`scope:${context}`, 'scope:shared'],
  })),
];

const RUNTIME_CONSTRAINTS = [
  { sourceTag: 'runtime:any', onlyDependOnLibsWithTags: ['runtime:any'], bannedExternalImports: FRAMEWORKS },
  { sourceTag: 'runtime:node', onlyDependOnLibsWithTags: ['runtime:any', 'runtime:node'] },
];

const boundaries = ({ inSpec }) => ({
  '@nx/enforce-module-boundaries': ['error', {
    allow: [],
    banTransitiveDependencies: true,
    // Every project is judged by its own imports. The nested check would blame a kernel for the test tools of the kernel it imports.
    checkNestedExternalImports: false,
    // Lazy loading is a concern of bundles, and nothing here is bundled.
    checkDynamicDependenciesExceptions: ['.*'],
    depConstraints: [...layerConstraints(inSpec), ...SCOPE_CONSTRAINTS, ...RUNTIME_CONSTRAINTS],
  }],
});

/** Parameters: a function takes four, a constructor that only receives its collaborators seven. */
const PARAMETERS_MAX = { function: 4, constructor: 7 };

/** As max-params, but with a limit of its own for constructors. */
const parameterRule = {
  create: (context) => ({
    ':function'(node) {
      const kind = node.parent.kind === 'constructor' ? 'constructor' : 'function';
      if (node.params.length <= PARAMETERS_MAX[kind]) return;
      context.report({ node, message: `This ${kind} has ${node.params.length} parameters, ${PARAMETERS_MAX[kind]} at most: make an object of those that belong together.` });
    },
  }),
};

const SIZES = {
  'max-lines': ['error', 300],
  'max-lines-per-function': ['error', 60],
  'kula/parameters': 'error',
  'max-depth': ['error', 3],
  complexity: ['error', 10],
};

/** The rules that find mistakes rather than tastes, for both languages. */
const CORRECTNESS = {
  eqeqeq: 'error',
  'no-async-promise-executor': 'error',
  'no-compare-neg-zero': 'error',
  'no-cond-assign': 'error',
  'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
  'no-control-regex': 'error',
  'no-debugger': 'error',
  'no-dupe-else-if': 'error',
  'no-duplicate-case': 'error',
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-irregular-whitespace': 'error',
  'no-self-assign': 'error',
  'no-self-compare': 'error',
  'no-sparse-arrays': 'error',
  'no-unsafe-finally': 'error',
  'no-unused-labels': 'error',
  'no-useless-catch': 'error',
  'no-useless-escape': 'error',
  'valid-typeof': 'error',
};

const UNUSED = ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }];

const NODE_GLOBALS = ['AbortController', 'AbortSignal', 'Buffer', 'clearImmediate', 'clearInterval', 'clearTimeout', 'console', 'crypto',
  'fetch', 'performance', 'process', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout', 'structuredClone',
  'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams'];

/** Ways around the export rules and the boundary rule, which sees only import and export statements with a literal source. */
const TS_SYNTAX = [
  { selector: 'TSImportType', message: 'Write `import type { … } from …`: the boundary rule does not see inline import types.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
];
/** Contracts are exempt: every schema of the wire is public. */
const WHOLESALE_SYNTAX = [
  { selector: 'ExportAllDeclaration', message: 'List the exports one by one.' },
];
const LITERAL_IMPORT_SYNTAX = [
  { selector: 'ImportExpression[source.type!="Literal"]', message: 'Import by a literal name: the boundary rule cannot judge a computed one.' },
];
const STATIC_IMPORT_SYNTAX = [
  { selector: 'ImportExpression', message: 'Import statically: nothing pure is loaded late.' },
];

const BUILTINS = builtinModules.filter((name) => !name.startsWith('_') && !name.startsWith('node:'));
const noBuiltins = (message) => ['error', {
  paths: BUILTINS.map((name) => ({ name, message })),
  patterns: [{ regex: '^node:', message }],
}];

const PURE_GLOBALS = ['Date', 'process', 'fetch', 'crypto', 'performance', 'console', 'Buffer', 'Intl', 'WebAssembly', 'Worker', 'require',
  'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'];
const PURITY = {
  'no-restricted-globals': ['error', {
    globals: PURE_GLOBALS.map((name) => ({ name, message: 'Time, chance and the outside come in as arguments.' })),
    checkGlobalObject: true,
  }],
  'no-restricted-properties': ['error',
    { object: 'Math', property: 'random', message: 'A seed is part of the problem.' },
    { property: 'localeCompare', message: 'Order by code unit (byCodeUnit): a locale is not an argument.' },
    { property: 'toLocaleString', message: 'A locale is not an argument.' },
  ],
  'no-restricted-syntax': ['error', ...TS_SYNTAX, ...WHOLESALE_SYNTAX, ...STATIC_IMPORT_SYNTAX],
};

const KERNEL = ['libs/kernel/*/src/**/*.ts'];
const CONTRACTS = ['libs/contracts/src/**/*.ts'];
const DOMAIN = ['libs/service/*/src/**/domain/**/*.ts'];

const purityBlocks = [
  { files: ['apps/**/*.ts', 'libs/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...TS_SYNTAX, ...WHOLESALE_SYNTAX] } },
  {
    files: ['apps/**/*.ts', 'libs/{platform,service}/**/*.ts'], ignores: SPECS,
    rules: { 'no-restricted-syntax': ['error', ...TS_SYNTAX, ...WHOLESALE_SYNTAX, ...LITERAL_IMPORT_SYNTAX] },
  },
  { files: CONTRACTS, rules: { 'no-restricted-syntax': ['error', ...TS_SYNTAX, ...STATIC_IMPORT_SYNTAX] } },
  { files: [...KERNEL, ...DOMAIN], ignores: SPECS, rules: PURITY },
  {
    files: [...KERNEL, ...CONTRACTS], ignores: SPECS,
    rules: { 'no-restricted-imports': noBuiltins('Nx does not see Node built-ins: kernels and contracts run anywhere.') },
  },
  {
    files: DOMAIN, ignores: SPECS,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{
        regex: `^(?!\\./(?!.*\\.\\./)|${SCOPE}/kernel-)`,
        message: 'A domain folder imports kernels and itself: it knows neither wire nor storage nor framework.',
      }] }],
    },
  },
  {
    files: ['apps/node/src/**/*.ts'], ignores: SPECS,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{
        regex: `^${SCOPE}/(testing-|fixtures|servers|dev-network)`, message: 'A node runs in production: it carries no test code.',
      }] }],
    },
  },
];

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', '.cache/**', '.nx/**', '.demo/**', '**/coverage/**'] },
  { plugins: { '@nx': nx, kula: { rules: { parameters: parameterRule } } } },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended.map((block) => ({ ...block, files: ['**/*.ts'] })),
  { files: ['**/*.ts', '**/*.mjs'], rules: CORRECTNESS },
  { files: ['**/*.ts'], rules: { '@typescript-eslint/no-unused-vars': UNUSED } },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: { 'no-undef': 'error', 'no-unused-vars': UNUSED, 'no-var': 'error', 'prefer-const': 'error' },
  },
  { files: ['**/*.ts', '**/*.mjs'], ignores: SPECS, rules: SIZES },
  // A migration is one piece of SQL; cutting it would not make it easier to read.
  { files: ['libs/service/*/src/migrations/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['apps/**/*.ts', 'libs/**/*.ts'], ignores: SPECS, rules: boundaries({ inSpec: false }) },
  { files: SPECS, rules: boundaries({ inSpec: true }) },
  ...purityBlocks,
];
