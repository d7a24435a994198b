import type { TextFile } from './workspace-files.js';

/** One complaint, as `file:line what is wrong; what to write instead`. */
export type Complaint = string;
export type Rule = (file: TextFile) => Complaint[];

const NAMELESS = 'name what it holds or does';
/** Words that say nothing, and abbreviations, each with what to write instead. */
const BANNED_WORDS: ReadonlyMap<string, string> = new Map([
  ['util', NAMELESS], ['utils', NAMELESS], ['helper', NAMELESS], ['helpers', NAMELESS], ['misc', NAMELESS],
  ['common', 'name the concept that is shared'],
  ['info', 'say which facts'], ['data', 'say what it is: row, entry, reply, bytes'],
  ['cfg', 'config'], ['ctx', 'context'], ['msg', 'message'], ['svc', 'service'], ['mgr', 'the role it plays'],
  ['idx', 'index'], ['amt', 'amount'], ['qty', 'quantity'], ['acct', 'account'], ['addr', 'address'],
  ['impl', 'what sets it apart from its port'],
]);

const SPEC = /\.(spec|int-spec|e2e-spec)\.ts$/;
const PROJECT_CODE = /^(apps|libs|tools)\/.*\.(ts|mjs)$/;

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** One complaint per match; the rule says what each match means, or nothing. */
function complaints({ path, text }: TextFile, pattern: RegExp, meaning: (match: RegExpMatchArray) => string | undefined): Complaint[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const says = meaning(match);
    return says === undefined ? [] : [`${path}:${lineOf(text, match.index ?? 0)} ${says}`];
  });
}

const wordsOf = (name: string): string[] =>
  name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z0-9]+/).map((word) => word.toLowerCase());

/** The first banned word of a name with its replacement. A data source is the field's word for a database connection. */
function bannedWord(name: string): string | undefined {
  const words = wordsOf(name);
  const banned = words.find((word, at) => BANNED_WORDS.has(word) && !(word === 'data' && words[at + 1] === 'source'));
  return banned && `'${banned}' in '${name}': ${BANNED_WORDS.get(banned)}`;
}

/** File and folder names without banned words, and without numbers that only give an order. */
export const fileNames: Rule = ({ path }) => {
  if (!/^(apps|libs|tools|deploy|docs)\//.test(path)) return [];
  const segments = path.split('/');
  const isOrdered = /^(apps|libs|tools)\//.test(path) && !segments.includes('migrations') && /^\d/.test(segments.at(-1) ?? '');
  return [
    ...segments.flatMap((segment) => bannedWord(segment) ?? []).map((says) => `${path}:1 ${says}`),
    ...(isOrdered ? [`${path}:1 number in front of a file name: let imports give the order`] : []),
  ];
};

const EXPORTED = /^export (?:declare )?(?:abstract )?(?:async )?(const|let|function\*?|class|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;

function wrongExport(path: string, kind: string, name: string): string | undefined {
  const isHandler = /\.(handler|controller)\.ts$/.test(path);
  if (/^(interface|type|class)$/.test(kind) && /^I[A-Z][a-z]/.test(name)) return `'${name}': a name without the prefix I`;
  if (/Manager/.test(name.replace(/([Ee]xchange|[Aa]greement)Manager/, ''))) return `'${name}': another role than Manager`;
  if (/^process[A-Z]/.test(name)) return `'${name}': the verb for what happens, not 'process'`;
  if (/^handle[A-Z]/.test(name) && !isHandler) return `'${name}': the verb for what happens, not 'handle'`;
  return bannedWord(name);
}

/** Exported names in the words of the field. */
export const exportedNames: Rule = (file) => PROJECT_CODE.test(file.path)
  ? complaints(file, EXPORTED, ([, kind = '', name = '']) => wrongExport(file.path, kind, name))
  : [];

const LEFTOVER = /\b(TOD[O]|FIXM[E]|XX[X])\b(\s*\(?#\d+\)?)?/g;

/** Unfinished work is an issue: a to-do carries its number, a fix-me does not exist. Prose may speak about both. */
export const leftovers: Rule = (file) => /\.md$/.test(file.path) ? [] : complaints(file, LEFTOVER, ([, word = '', issue]) => {
  if (word.startsWith('TO') && issue) return undefined;
  return `${word}: do it now, or open an issue and write its number behind a to-do`;
});

const NARROWED = /\b(?:it|test|describe)(?:\.\w+)*\.(only|skip|todo)\b|\b(?:fit|fdescribe|xit|xtest|xdescribe)\s*\(/g;

/** Specs that run whole. */
export const narrowedSpecs: Rule = (file) => SPEC.test(file.path)
  ? complaints(file, NARROWED, ([found]) => `'${found}': run every test, or delete it`)
  : [];

const MACHINE_PATH = /(?<![\w.$}-])\/(?:work|home|root)\/[\w.-]*/g;

/** No paths of one machine. */
export const machinePaths: Rule = (file) =>
  complaints(file, MACHINE_PATH, ([found]) => `machine path '${found}': a path from the workspace root, or the temporary folder`);

const KNOWN_HOST = /\b(?:registry\.(?:npmjs|yarnpkg)\.\w+|npm\.pkg\.github\.com|(?:deb|security|ftp)\.debian\.org|(?:archive|ports|security)\.ubuntu\.com|docker\.io|ghcr\.io|quay\.io|gcr\.io|[\w-]+\.pkg\.dev|[\w-]+\.jfrog\.io|mcr\.microsoft\.com)\b/g;
const LIKELY_HOST = /:\/\/(?:[\w-]+\.)*(?:registry|npm|deb|mirrors?|artifactory|nexus|verdaccio)\.[\w.-]+/g;

/** No host names of package registries and mirrors; `own` are the hosts that this machine is configured with. */
export const registryHosts = (own: readonly string[]): Rule => ({ path, text }) => {
  const kept = path.endsWith('package-lock.json') ? text.replace(/"resolved": .*/g, '') : text;
  const says = (found: string): string => `registry host '${found}': leave it to the configuration of the machine`;
  return [
    ...complaints({ path, text: kept }, KNOWN_HOST, ([found]) => says(found)),
    ...complaints({ path, text: kept }, LIKELY_HOST, ([found]) => found.match(KNOWN_HOST) ? undefined : says(found)),
    ...own.filter((host) => kept.includes(host)).map((host) => `${path}:${lineOf(kept, kept.indexOf(host))} ${says(host)}`),
  ];
};

const isRoot = (path: string): boolean => /\/src\/(index|main)\.ts$/.test(path) || /\/migrations\//.test(path) || SPEC.test(path);
const REFERENCE = /['"`](\.{1,2}\/[^'"`\n]+)['"`]/g;

/** Files of a library that a file names by a relative path, whether it imports them or starts them. */
function referencesOf({ path, text }: TextFile): string[] {
  return [...text.matchAll(REFERENCE)].map(([, reference = '']) =>
    new URL(reference, `file:///${path}`).pathname.slice(1).replace(/\.js$/, '.ts'));
}

const isSubjectOf = (subject: string, spec: string): boolean => SPEC.test(spec) && spec.replace(SPEC, '.ts') === subject;

/** Library files that no entry point, migration or spec reaches. A file that only its own spec imports is dead too. */
export function deadFiles(files: readonly TextFile[], entries: ReadonlySet<string>): Complaint[] {
  const sources = new Map(files.filter(({ path }) => /^libs\/.+\/src\/.+\.ts$/.test(path) && !path.endsWith('.d.ts'))
    .map((file) => [file.path, file]));
  const alive = new Set([...sources.keys()].filter((path) => isRoot(path) || entries.has(path)));
  for (const path of alive) {
    const file = sources.get(path);
    const reached = file ? referencesOf(file).filter((each) => sources.has(each) && !isSubjectOf(each, path)) : [];
    for (const each of reached) alive.add(each);
  }
  return [...sources.keys()].filter((path) => !alive.has(path))
    .map((path) => `${path}:1 imported by nobody: export it from the index, use it, or delete it`);
}

