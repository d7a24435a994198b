import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

/** Folder of the checkout, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A mapping of a YAML or JSON file. */
export type Tree = { readonly [name: string]: unknown };

export const textAt = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A YAML file with its merge keys resolved. */
export const yamlAt = (path: string): Tree => parse(textAt(path), { merge: true }) as Tree;

/** Every document of a YAML file. @throws Error naming the first mistake. */
export const documentsAt = (path: string): Tree[] => parseAllDocuments(textAt(path)).map((document) => {
  const [mistake] = document.errors;
  if (mistake !== undefined) throw new Error(`${path}: ${mistake.message}`);
  return document.toJS() as Tree;
});

export const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A mapping inside a mapping; empty where there is none. */
export const treeIn = (tree: Tree, name: string): Tree => (isTree(tree[name]) ? tree[name] : {});

/** A list inside a mapping; empty where there is none. */
export const listIn = <Item = Tree>(tree: Tree, name: string): readonly Item[] => (Array.isArray(tree[name]) ? tree[name] as Item[] : []);

/** Every text anywhere in a tree. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** The tree with each text replaced. */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change)) as Value;
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, change)])) as Value;
}

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)(?::([?-])([^}]*))?\}/g;

/** Names of the variables a compose file asks for, and whether each has a default. */
export const variablesIn = (tree: Tree): { readonly name: string; readonly hasDefault: boolean }[] =>
  textsIn(tree).flatMap((text) => [...text.matchAll(VARIABLE)]).map(([, name = '', kind]) => ({ name, hasDefault: kind === '-' }));

/** A compose file with the settings of one node in place. @throws Error naming a variable that is not set. */
export function interpolated<Value>(value: Value, settings: Readonly<Record<string, string>>): Value {
  return mapTexts(value, (text) => text.replace(VARIABLE, (_, name: string, kind: string | undefined, fallback: string) => {
    const given = settings[name];
    if (given !== undefined && given !== '') return given;
    if (kind === '-') return fallback;
    throw new Error(`${name} is not set`);
  }));
}

/** Two compose files, the second on top of the first. Lists are put behind one another, as compose does with ports and secrets. */
export function overlaid(base: unknown, top: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(top)) return [...base as unknown[], ...top as unknown[]];
  if (Array.isArray(base) && isTree(top)) return overlaid(Object.fromEntries((base as string[]).map((name) => [name, {}])), top);
  if (!isTree(base) || !isTree(top)) return top;
  const names = new Set([...Object.keys(base), ...Object.keys(top)]);
  return Object.fromEntries([...names].map((name) => [name, name in top ? (name in base ? overlaid(base[name], top[name]) : top[name]) : base[name]]));
}

/** A setting of a service, as its schema says. */
export interface Setting {
  readonly name: string;
  readonly isRequired: boolean;
}

/** Settings in the zod objects of a source file: a key at two spaces, and what stands before the next one. */
function settingsIn(path: string): Setting[] {
  const [, ...parts] = textAt(path).split(/^ {2}(?=KULA_[A-Z0-9_]+:)/m);
  return parts.map((part) => {
    const name = part.slice(0, part.indexOf(':'));
    const [body = ''] = part.split(/^\}\)/m);
    return { name, isRequired: !/\.(optional|default)\(/.test(body) };
  });
}

/** Settings every service reads. */
export const sharedSettings = (): Setting[] => settingsIn('libs/platform/runtime/src/settings.ts');

/** Settings one service reads beside those. */
export function ownSettings(service: string): Setting[] {
  const folder = `libs/service/${service}/src`;
  return readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.settings.ts')).flatMap((name) => settingsIn(`${folder}/${name}`));
}

/** The setting a variable gives: `KULA_NATS_URL` for `KULA_NATS_URL_FILE`, where there is no setting of the longer name. */
export const settingOf = (variable: string, known: ReadonlySet<string>): string =>
  (known.has(variable) ? variable : variable.replace(/_FILE$/, ''));

/** Folders below apps whose main file starts a service. */
export const hasApp = (name: string): boolean => existsSync(join(ROOT, 'apps', name, 'src/main.ts'));

/** Version of the project, which is the tag of its images. */
export const version = (): string => (JSON.parse(textAt('package.json')) as { version: string }).version;
