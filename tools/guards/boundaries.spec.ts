import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

interface Message { file: string; line: number; rule: string | null; message: string }
interface Plant { what: string; file: string; code: string; untagged?: string; amongEdges?: boolean }
interface Violation extends Plant { rule: string; says: RegExp }

const root = fileURLToPath(new URL('../..', import.meta.url));
const packageAt = (folder: string): string =>
  (JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8')) as { name: string }).name;

const FIXTURES = packageAt('libs/testing/fixtures');
const HARNESS = packageAt('libs/testing/dev-network');
const CONTRACTS = packageAt('libs/contracts');
const PRIMITIVES = packageAt('libs/kernel/primitives');
const CRYPTO = packageAt('libs/kernel/crypto');
const MESSAGING = packageAt('libs/platform/messaging');
const PROBE = packageAt('libs/testing/service-probe');
const IDENTITY = packageAt('libs/service/identity');
const CLEARING = packageAt('libs/service/clearing');
const CLEARING_APP = packageAt('apps/clearing');

const IN_KERNEL = 'libs/kernel/netting/src/planted.ts';
const IN_KERNEL_SPEC = 'libs/kernel/netting/src/planted.spec.ts';
const IN_CONTRACTS = 'libs/contracts/src/planted.ts';
const IN_PLATFORM = 'libs/platform/runtime/src/planted.ts';
const IN_SERVICE = 'libs/service/clearing/src/planted.ts';
const IN_SERVICE_SPEC = 'libs/service/clearing/src/planted.spec.ts';
const IN_DOMAIN = 'libs/service/clearing/src/clearing-run/domain/planted.ts';
const IN_HARNESS = 'libs/testing/dev-network/src/planted.ts';
const IN_APP = 'apps/clearing/src/planted.ts';
const IN_NODE = 'apps/node/src/planted.ts';
const IN_E2E = 'apps/network-e2e/src/planted.e2e-spec.ts';
const IN_TOOL = 'tools/planted.mjs';

const using = (...names: string[]): string => names.map((name) => `import '${name}';\n`).join('');
const usingType = (name: string): string => `import type { It } from '${name}';\nexport type Its = It;\n`;
const usingLate = (name: string): string => `export const load = () => import('${name}');\n`;
const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

const caughtBy = (rule: string) => (what: string, file: string, code: string, says: RegExp): Violation =>
  ({ what, file, code, rule, says });
const boundary = caughtBy('@nx/enforce-module-boundaries');
const syntax = caughtBy('no-restricted-syntax');
const importing = caughtBy('no-restricted-imports');
const global = caughtBy('no-restricted-globals');
const property = caughtBy('no-restricted-properties');

const banned = (name: string): RegExp => new RegExp(`is not allowed to import "${name}"`);
const layer = (type: string): RegExp => new RegExp(`tagged with "type:${type}" can only depend on`);
const scope = (context: string): RegExp => new RegExp(`tagged with "scope:${context}" can only depend on`);
const RUNS_ANYWHERE = /run anywhere/;
const DOMAIN_KNOWS_NOTHING = /neither wire nor storage nor framework/;
const COMES_IN = /come in as arguments/;

const ACROSS_PROJECTS: Violation[] = [
  boundary('a framework in a kernel', IN_KERNEL, using('@nestjs/common'), banned('@nestjs/common')),
  boundary('zod in a kernel', IN_KERNEL, using('zod'), banned('zod')),
  boundary('contracts in a kernel', IN_KERNEL, using(CONTRACTS), layer('kernel')),
  boundary('a test tool in a kernel', IN_KERNEL, using('fast-check'), banned('fast-check')),
  boundary('zod in the spec of a kernel', IN_KERNEL_SPEC, using('zod'), banned('zod')),
  boundary('fixtures in the spec of a kernel', IN_KERNEL_SPEC, using(FIXTURES), layer('kernel')),
  boundary('a database client in contracts', IN_CONTRACTS, using('pg'), banned('pg')),
  boundary('a platform library in contracts', IN_CONTRACTS, using(MESSAGING), layer('contracts')),
  boundary('a service in a platform library', IN_PLATFORM, using(IDENTITY), layer('platform')),
  boundary('another service by value', IN_SERVICE, using(IDENTITY), layer('service')),
  boundary('another service by type', IN_SERVICE, usingType(IDENTITY), layer('service')),
  boundary('another service by export', IN_SERVICE, `export { it } from '${IDENTITY}';\n`, layer('service')),
  boundary('another service loaded late', IN_SERVICE, usingLate(IDENTITY), layer('service')),
  syntax('another service by a computed name', IN_SERVICE, 'export const load = (name: string) => import(name);\n', /literal name/),
  syntax('another service by an inline type', IN_SERVICE, `export type It = import('${IDENTITY}').It;\n`, /inline import types/),
  boundary('another service in a spec', IN_SERVICE_SPEC, using(IDENTITY), layer('service')),
  boundary('a file of another service', IN_SERVICE, using('../../identity/src/index.js'), /cannot be imported by a relative/),
  boundary('a file behind the index of a library', IN_SERVICE, using(`${MESSAGING}/src/inner.js`), /unresolvable/),
  boundary('a package that is not declared', IN_SERVICE, using('left-over'), /unresolvable/),
  boundary('fixtures in a service', IN_SERVICE, using(FIXTURES), layer('service')),
  boundary('fixtures in a platform library', IN_PLATFORM, using(FIXTURES), layer('platform')),
  boundary('fixtures in an app', IN_APP, using(FIXTURES), layer('app')),
  importing('fixtures in the production node', IN_NODE, using(FIXTURES), /carries no test code/),
  boundary('the platform in fixtures that run anywhere', 'libs/testing/fixtures/src/planted.ts', using(MESSAGING), /"runtime:any" can only/),
  boundary('a service in the service probe', 'libs/testing/service-probe/src/planted.ts', using(CLEARING), layer('fixtures')),
  boundary('the harness in the spec of a service', IN_SERVICE_SPEC, using(HARNESS), layer('service')),
  boundary('a foreign service in an app', IN_APP, using(IDENTITY), scope('clearing')),
  boundary('a kernel in an app', IN_APP, using(PRIMITIVES), layer('app')),
  boundary('an app in the harness', IN_HARNESS, using(CLEARING_APP), /Imports of apps are forbidden/),
  boundary('a service in an end-to-end spec', IN_E2E, using(CLEARING), layer('e2e')),
  { ...boundary('a project without tags that depends on another', IN_SERVICE, using(CONTRACTS), /without tags/), untagged: 'service-clearing' },
  { ...boundary('a dependency on a project without tags', IN_SERVICE, using(CONTRACTS), layer('service')), untagged: 'contracts' },
  {
    ...boundary('a cycle between two kernels', 'libs/kernel/primitives/src/planted.ts', using(CRYPTO), /Circular dependency/),
    amongEdges: true,
  },
];

const INSIDE_PROJECTS: Violation[] = [
  global('a clock in a kernel', IN_KERNEL, 'export const now = () => Date.now();\n', COMES_IN),
  global('a clock behind globalThis in a kernel', IN_KERNEL, 'export const now = () => new globalThis.Date();\n', COMES_IN),
  global('a timer in a kernel', IN_KERNEL, 'setTimeout(() => undefined, 1);\n', COMES_IN),
  global('the environment in a kernel', IN_KERNEL, 'export const mode = process.env.MODE;\n', COMES_IN),
  property('chance in a kernel', IN_KERNEL, 'export const chance = () => Math.random();\n', /seed/),
  property('chance taken out of Math in a kernel', IN_KERNEL, 'export const { random } = Math;\n', /seed/),
  property('a locale in a kernel', IN_KERNEL, "export const order = 'a'.localeCompare('b');\n", /locale/),
  importing('a Node built-in in a kernel', IN_KERNEL, using('node:crypto'), RUNS_ANYWHERE),
  importing('a Node built-in by its bare name in a kernel', IN_KERNEL, using('fs/promises'), RUNS_ANYWHERE),
  syntax('a late import in a kernel', IN_KERNEL, usingLate('node:fs'), /statically/),
  importing('a Node built-in in contracts', IN_CONTRACTS, using('node:fs'), RUNS_ANYWHERE),
  importing('a framework in a domain folder', IN_DOMAIN, using('@nestjs/common'), DOMAIN_KNOWS_NOTHING),
  importing('storage in a domain folder', IN_DOMAIN, using('typeorm'), DOMAIN_KNOWS_NOTHING),
  importing('the wire in a domain folder, by type', IN_DOMAIN, usingType(CONTRACTS), DOMAIN_KNOWS_NOTHING),
  importing('a platform library in a domain folder', IN_DOMAIN, using(MESSAGING), DOMAIN_KNOWS_NOTHING),
  importing('a Node built-in in a domain folder', IN_DOMAIN, using('node:fs'), DOMAIN_KNOWS_NOTHING),
  importing('a file beside a domain folder', IN_DOMAIN, using('../clearing-run.mapper.js'), DOMAIN_KNOWS_NOTHING),
  importing('a detour out of a domain folder', IN_DOMAIN, using('./../clearing-run.mapper.js'), DOMAIN_KNOWS_NOTHING),
  syntax('a late import in a domain folder', IN_DOMAIN, usingLate(CONTRACTS), /statically/),
  global('a clock in a domain folder', IN_DOMAIN, 'export const now = () => new Date();\n', COMES_IN),
  property('chance in a domain folder', IN_DOMAIN, 'export const chance = () => Math.random();\n', /seed/),
  syntax('a late import in contracts', IN_CONTRACTS, usingLate('zod'), /statically/),
  syntax('a default export', IN_SERVICE, 'export default 1;\n', /by name/),
  syntax('a wholesale export', IN_SERVICE, "export * from './own.js';\n", /one by one/),
];

const LONG_FUNCTION = `export function long() {\n${lines(59, '  // line')}}\n`;

const OVER_SIZE: Violation[] = [
  caughtBy('max-lines')('a file of 301 lines', IN_SERVICE, lines(301, '// line'), /301/),
  caughtBy('max-lines-per-function')('a function of 61 lines', IN_SERVICE, LONG_FUNCTION, /61/),
  caughtBy('max-lines-per-function')('a function of 61 lines in a tool', IN_TOOL, LONG_FUNCTION, /61/),
  caughtBy('kula/parameters')('five parameters', IN_SERVICE, 'export const sum = (a: 1, b: 1, c: 1, d: 1, e: 1) => a + b + c + d + e;\n', /5/),
  caughtBy('kula/parameters')('eight collaborators', IN_SERVICE, `export class Busy { constructor(${'abcdefgh'.split('').map((name) => `readonly ${name}: 1`).join(', ')}) {} }\n`, /8/),
  caughtBy('max-depth')('a block four deep', IN_SERVICE, 'export function deep() { for (;;) { for (;;) { for (;;) { for (;;) return; } } } }\n', /4/),
  caughtBy('complexity')('eleven paths', IN_SERVICE, `export const any = (a: 1) => a${' || a'.repeat(10)};\n`, /11/),
  caughtBy('no-undef')('an unknown name in a tool', IN_TOOL, 'export const it = unknownName;\n', /unknownName/),
];

const LEGITIMATE: Plant[] = [
  { what: 'hashes and another kernel in a kernel', file: IN_KERNEL, code: using('@noble/hashes/sha2.js', PRIMITIVES) },
  { what: 'test tools and files in the spec of a kernel', file: IN_KERNEL_SPEC, code: using('@jest/globals', 'fast-check', 'jose', 'node:fs') },
  { what: 'zod and a kernel in contracts', file: IN_CONTRACTS, code: using('zod', PRIMITIVES) },
  { what: 'the layers below, npm and its own files in a service', file: IN_SERVICE, code: using(MESSAGING, CONTRACTS, PRIMITIVES, 'typeorm', 'node:fs', './own.js') },
  { what: 'fixtures and the probe in the spec of a service', file: IN_SERVICE_SPEC, code: using(FIXTURES, PROBE) },
  { what: 'the platform in the service probe', file: 'libs/testing/service-probe/src/planted.ts', code: using(MESSAGING, FIXTURES) },
  { what: 'a wholesale export of contracts', file: IN_CONTRACTS, code: "export * from './own.js';\n" },
  { what: 'fixtures in the integration spec of a platform library', file: 'libs/platform/runtime/src/planted.int-spec.ts', code: using(FIXTURES) },
  { what: 'kernels and its own folder in a domain file', file: IN_DOMAIN, code: using(PRIMITIVES, './own.js') },
  { what: 'its own service in an app', file: IN_APP, code: using(CLEARING) },
  { what: 'all services in the node', file: IN_NODE, code: using(CLEARING, IDENTITY) },
  { what: 'services, fixtures and contracts in the harness', file: IN_HARNESS, code: using(CLEARING, IDENTITY, FIXTURES, CONTRACTS) },
  { what: 'the harness and fixtures in an end-to-end spec', file: IN_E2E, code: using(HARNESS, FIXTURES) },
  { what: 'a long spec', file: IN_SERVICE_SPEC, code: lines(400, '// line') + LONG_FUNCTION },
  { what: 'a tool that prints', file: IN_TOOL, code: `${using('node:fs')}console.log(process.argv);\n` },
];

const VIOLATIONS = [...ACROSS_PROJECTS, ...INSIDE_PROJECTS, ...OVER_SIZE];
const messagesOf = new Map<Plant, Message[]>();
let messagesOfTree: Message[] = [];

beforeAll(() => {
  const planted: Plant[] = [...VIOLATIONS, ...LEGITIMATE];
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('lint-texts.mjs', import.meta.url))], {
    input: JSON.stringify(planted), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`lint-texts.mjs ended with ${status}: ${stderr}`);
  const { tree, plants } = JSON.parse(stdout) as { tree: Message[]; plants: Message[][] };
  messagesOfTree = tree;
  planted.forEach((plant, index) => messagesOf.set(plant, plants[index] ?? []));
});

describe('the lint configuration', () => {
  it.each(VIOLATIONS)('catches $what', (violation) => {
    expect(messagesOf.get(violation)).toContainEqual(expect.objectContaining({
      rule: violation.rule, message: expect.stringMatching(violation.says) as unknown,
    }));
  });

  it.each(LEGITIMATE)('lets through $what', (plant) => {
    expect(messagesOf.get(plant)).toEqual([]);
  });

  it('finds every file of the workspace clean', () => {
    expect(messagesOfTree.map(({ file, line, rule, message }) => `${file}:${line} ${rule}: ${message}`)).toEqual([]);
  });
});
