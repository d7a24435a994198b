import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { missingEntries, platformOf, withEntries } from './fix-lock.mjs';
import { agrees } from './steps/node-modules.mjs';
import { checkNodeVersion } from './steps/node-version.mjs';

const LOCK = {
  packages: {
    '': { name: 'kula' },
    'node_modules/a': { version: '1.0.0', dev: true, optionalDependencies: { '@x/a-darwin-arm64': '1.0.0', '@x/a-linux-x64-gnu': '1.0.0' } },
    'node_modules/a/node_modules/@x/a-linux-x64-gnu': { version: '1.0.0', optional: true },
    'node_modules/z': { version: '2.0.0' },
  },
};

describe('completing the lock file', () => {
  it('reads the platform from the name of a build', () => {
    expect(platformOf('@x/a-linux-arm64-musl')).toEqual({ os: ['linux'], cpu: ['arm64'], libc: ['musl'] });
    expect(platformOf('@x/a-linux-arm-gnueabihf')).toEqual({ os: ['linux'], cpu: ['arm'], libc: ['glibc'] });
    expect(platformOf('@x/a-win32-x64-msvc')).toEqual({ os: ['win32'], cpu: ['x64'] });
    expect(platformOf('pg-cloudflare')).toBeUndefined();
  });

  it('adds the builds that resolve nowhere, and only those, in order', () => {
    const missing = missingEntries(LOCK);
    expect(missing).toEqual([['node_modules/@x/a-darwin-arm64', { version: '1.0.0', cpu: ['arm64'], dev: true, optional: true, os: ['darwin'] }]]);
    const fixed = withEntries(LOCK, missing);
    expect(Object.keys(fixed.packages)[1]).toBe('node_modules/@x/a-darwin-arm64');
    expect(missingEntries(fixed)).toEqual([]);
  });

  it('refuses to invent a platform or a version', () => {
    const broken = { packages: { 'node_modules/a': { version: '1.0.0', optionalDependencies: { 'pg-cloudflare': '^1.4.1' } } } };
    expect(() => missingEntries(broken)).toThrow(/add it by hand/);
  });

  it('has nothing left to add to the lock file of this project', () => {
    const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
    expect(missingEntries(lock)).toEqual([]);
  });
});

describe('installed node modules', () => {
  const lock = JSON.stringify({ packages: { '': {}, 'libs/a': {}, 'node_modules/@kula/a': { link: true }, 'node_modules/b': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0', optional: true } } });
  const record = (packages: object): string => JSON.stringify({ packages });
  const here = (path: string): boolean => path === 'node_modules/@kula/a';
  const nowhere = (): boolean => false;

  it.each([
    ['agree when only optional ones are missing', true, { 'node_modules/b': { version: '1.0.0' } }, here],
    ['disagree when one has another version', false, { 'node_modules/b': { version: '1.0.1' } }, here],
    ['disagree when a needed one is missing', false, {}, here],
    ['disagree when a project is not linked', false, { 'node_modules/b': { version: '1.0.0' } }, nowhere],
  ])('%s', (_, expected, packages, isLinked) => {
    expect(agrees(lock, record(packages), isLinked)).toBe(expected);
  });

  it('disagree when npm left no record of them', () => {
    expect(agrees(lock, undefined, here)).toBe(false);
  });
});

describe('the version of Node', () => {
  it.each(['18.20.4', '20.18.3', '21.7.0', '22.11.0'])('%s is refused', (version) => {
    expect(() => checkNodeVersion(version)).toThrow(/too old/);
  });

  it.each(['22.12.0', '23.0.0', '24.21.0'])('%s is enough', (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow();
  });
});
