import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { distributionArchives } from './apt-sources.mjs';
import { fileInDeb } from './unpack-deb.mjs';
import { compareVersions, concern, fitness } from './version.mjs';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'kula-bootstrap-spec-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the fitness of a nats-server version', () => {
  it.each([
    ['2.12.7', 'peers'], ['2.12.12', 'peers'], ['2.14.0', 'peers'], ['2.15.1', 'peers'], ['3.0.0', 'peers'],
    ['2.12.6', 'alone'], ['2.11.16', 'alone'], ['2.13.0', 'alone'], ['2.10.0', 'alone'],
    ['2.9.10', 'ancient'], ['1.4.1', 'ancient'],
  ])('%s is fit for: %s', (version, expected) => {
    expect(fitness(version)).toBe(expected);
  });

  it('is worth a warning unless it may face peers', () => {
    expect(concern('2.15.1')).toBeUndefined();
    expect(concern('2.10.27')).toMatch(/single operator/);
    expect(concern('2.9.10')).toMatch(/very old/);
  });

  it('is judged by numbers, not by text', () => {
    expect(compareVersions('2.10.0', '2.9.25')).toBeGreaterThan(0);
    expect(compareVersions('v2.15.1-RC.2', '2.15.1')).toBe(0);
  });
});

const DEBIAN = 'ID=debian\nVERSION_CODENAME=bookworm\n';

function configured(files: Record<string, string>, osRelease = DEBIAN) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return distributionArchives({ etc: folder, osRelease });
}

describe('the archives apt is configured with', () => {
  it('are re-written for another suite with mirror and keyring kept, from stanzas', () => {
    const { archives, suites } = configured({ 'sources.list.d/debian.sources': `Types: deb deb-src
# a comment
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main
` });
    expect(archives).toHaveLength(1);
    expect(archives[0]?.withSuite('testing')).toBe(`Types: deb
Suites: testing
URIs: http://archive.example/debian
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----
`);
    expect(suites.slice(0, 2)).toEqual(['testing', 'unstable']);
    expect(suites).toContain('bookworm');
  });

  it('are re-written for another suite with options kept, from lines', () => {
    const { archives } = configured({ 'sources.list': '# deb http://former.example/ bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://archive.example/debian bookworm main contrib # ours\n' });
    expect(archives.map((archive) => archive.withSuite('sid'))).toEqual(['deb [arch=amd64 signed-by=/k.gpg] http://archive.example/debian sid main contrib\n']);
  });

  it('leave out other vendors, disabled stanzas and discs', () => {
    const { archives, suites } = configured({
      'sources.list': 'deb cdrom:[Debian]/ bookworm main\ndeb http://vendor.example/apt vendor-bookworm main\n',
      'sources.list.d/off.sources': 'Enabled: no\nTypes: deb\nURIs: http://archive.example/debian\nSuites: bookworm\nComponents: main\n',
    });
    expect({ archives, suites }).toEqual({ archives: [], suites: [] });
  });

  it('of Ubuntu are asked for its development suite', () => {
    const { suites } = configured({ 'sources.list': 'deb http://archive.example/ubuntu noble main universe\n' }, 'ID=ubuntu\nVERSION_CODENAME=noble\n');
    expect(suites).toEqual(['devel', 'noble']);
  });
});

const padded = (text: string, length: number): Buffer => Buffer.concat([Buffer.from(text)], length);

function tarOf(path: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write('0000755\0', 100);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.write('0', 156);
  return Buffer.concat([header, padded(content, Math.ceil(content.length / 512) * 512), Buffer.alloc(1024)]);
}

const member = (name: string, content: Buffer): Buffer => Buffer.concat([
  Buffer.from(`${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`),
  content, Buffer.alloc(content.length % 2),
]);

describe('unpacking a Debian package', () => {
  const path = process.env['PATH'];
  afterEach(() => { process.env['PATH'] = path; });

  it('finds a file in it without any tool of the machine', () => {
    process.env['PATH'] = folder;
    const file = join(folder, 'nats.deb');
    writeFileSync(file, Buffer.concat([
      Buffer.from('!<arch>\n'), member('debian-binary', Buffer.from('2.0\n')), member('control.tar.gz', gzipSync(tarOf('./control', 'odd'))),
      member('data.tar.gz', gzipSync(tarOf('./usr/sbin/nats-server', 'the server'))),
    ]));
    expect(fileInDeb(file, '/nats-server')?.toString()).toBe('the server');
    expect(fileInDeb(file, '/another')).toBeUndefined();
  });

  it('finds nothing in what is no package', () => {
    const file = join(folder, 'page.deb');
    writeFileSync(file, '<html>not found</html>');
    expect(fileInDeb(file, '/nats-server')).toBeUndefined();
  });
});
