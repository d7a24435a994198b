/** The package archives this machine's apt is configured with, re-written for another suite of the same mirror. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const readText = (file) => {
  try { return readFileSync(file, 'utf8'); } catch { return ''; }
};

/** Stanzas of a deb822 file as lists of [field, whole text of the field]; comment lines left out. */
function stanzas(text) {
  const lines = text.split('\n').filter((line) => !line.startsWith('#')).join('\n');
  return lines.split(/\n[ \t]*\n/).map((block) => {
    const fields = [];
    for (const line of block.split('\n')) {
      const head = /^([A-Za-z-]+)[ \t]*:/.exec(line);
      if (head) fields.push([head[1].toLowerCase(), line]);
      else if (fields.length > 0 && line.trim() !== '') fields.at(-1)[1] += `\n${line}`;
    }
    return fields;
  }).filter((fields) => fields.length > 0);
}

const words = (fields, name) => {
  const text = fields.find(([field]) => field === name)?.[1] ?? '';
  return text.slice(text.indexOf(':') + 1).trim().split(/\s+/).filter(Boolean);
};

/** Sources of a `.sources` file: its suites, and the same stanza for another suite. */
function fromStanzas(text) {
  return stanzas(text)
    .filter((fields) => words(fields, 'types').includes('deb') && words(fields, 'enabled')[0]?.toLowerCase() !== 'no')
    .map((fields) => {
      const kept = fields.filter(([field]) => !['types', 'suites'].includes(field)).map(([, line]) => line);
      return {
        suites: words(fields, 'suites'),
        components: words(fields, 'components'),
        key: words(fields, 'uris').join(' '),
        extension: 'sources',
        withSuite: (suite) => `${['Types: deb', `Suites: ${suite}`, ...kept].join('\n')}\n`,
      };
    });
}

/** Sources of a one-line-per-source file: `deb [options] uri suite component…`. */
function fromLines(text) {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!found) return [];
    const [, options = '', uri, suite, components] = found;
    return [{
      suites: [suite],
      components: components.trim().split(/\s+/),
      key: uri,
      extension: 'list',
      withSuite: (other) => `deb ${options}${uri} ${other} ${components.trim()}\n`,
    }];
  });
}

function configuredSources(etc) {
  const folder = join(etc, 'sources.list.d');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [
    ...fromLines(readText(join(etc, 'sources.list'))),
    ...names.filter((name) => name.endsWith('.list')).flatMap((name) => fromLines(readText(join(folder, name)))),
    ...names.filter((name) => name.endsWith('.sources')).flatMap((name) => fromStanzas(readText(join(folder, name)))),
  ];
}

const SUITE_ALIASES = ['oldstable', 'stable', 'testing', 'unstable', 'sid', 'devel'];

/** Code names of the running distribution, a derivative's parent included. */
function codeNames(osRelease) {
  return [...osRelease.matchAll(/^(?:VERSION|UBUNTU|DEBIAN)_CODENAME="?([\w-]+)/gm)].map(([, name]) => name);
}

/**
 * The distribution's own archives and the suites worth asking for a newer package, best first.
 *
 * Reads files only. Each archive offers `withSuite(suite)`, the text of a source file of the given extension;
 * mirror, keyring and options stay as configured. Both lists are empty where apt is not set up.
 */
export function distributionArchives({ etc = '/etc/apt', osRelease = readText('/etc/os-release') } = {}) {
  const known = new Set([...codeNames(osRelease), ...SUITE_ALIASES]);
  const archives = configuredSources(etc).filter((source) => !source.key.startsWith('cdrom:')
    && source.suites.some((suite) => known.has(suite))
    && source.components.some((component) => ['main', 'universe'].includes(component)));
  const configured = archives.flatMap((source) => source.suites).filter((suite) => known.has(suite));
  const newer = /^ID(_LIKE)?="?[^"\n]*ubuntu/m.test(osRelease) ? ['devel'] : ['testing', 'unstable', 'forky', 'sid'];
  const older = newer.includes('devel') ? [] : ['stable', 'trixie'];
  const byMirror = [...new Map(archives.map((source) => [source.key, source])).values()];
  return { archives: byMirror, suites: byMirror.length === 0 ? [] : [...new Set([...newer, ...configured, ...older])] };
}
