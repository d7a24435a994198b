/** Asks the machine's own apt for a package, in directories of our own: no root, nothing installed, nothing changed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions } from './version.mjs';

const UPDATE_MS_MAX = 180_000;
const UNREACHABLE = /Temporary failure|Could not (?:connect|resolve)|Unable to connect|timed out|Network is unreachable/i;

/** Upstream part of a package version: "2:2.15.1-1+b2" becomes "2.15.1". */
const upstream = (version) => version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');

/** What apt complained of first. */
const reasonIn = (complaint) => /^[EW]: (.*)$/m.exec(complaint)?.[1];

/** An apt that sees one set of sources only, keeps its lists below the given folder and verifies signatures as ever. */
export class PrivateApt {
  constructor(folder) {
    this.folder = folder;
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'sources', 'download']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
  }

  run(command, ...rest) {
    const settings = {
      'Dir::State': join(this.folder, 'state'),
      'Dir::State::status': join(this.folder, 'status'),
      'Dir::Cache': join(this.folder, 'cache'),
      'Dir::Etc::sourcelist': '/dev/null',
      'Dir::Etc::sourceparts': join(this.folder, 'sources'),
      'Dir::Etc::preferences': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '1',
      'Acquire::http::Timeout': '20',
      'Acquire::https::Timeout': '20',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
      'Acquire::IndexTargets::deb::CNF::DefaultEnabled': 'false',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const { stdout, stderr, error } = spawnSync(command, [...options, ...rest], {
      cwd: join(this.folder, 'download'),
      encoding: 'utf8',
      timeout: UPDATE_MS_MAX,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (error?.code === 'ENOENT') return { output: '', complaint: `E: ${command} is not installed`, isMissing: true };
    return { output: stdout ?? '', complaint: error ? `E: ${command}: ${error.message}` : stderr, isMissing: false };
  }

  /**
   * Newest version of a package in one suite of the given archives, or undefined with apt's reason, if it gave one.
   * `isReachable` is false when apt or the mirror itself did not answer, so that asking for another suite is no use.
   */
  newest(packageName, archives, suite) {
    rmSync(join(this.folder, 'sources'), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'sources'));
    archives.forEach((archive, index) => writeFileSync(join(this.folder, 'sources', `${index}.${archive.extension}`), archive.withSuite(suite)));
    const { complaint, isMissing } = this.run('apt-get', '-q', 'update');
    const listed = this.run('apt-cache', 'madison', packageName).output.split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([name]) => name === packageName).map(([, version]) => version);
    const version = listed.sort((a, b) => compareVersions(upstream(b), upstream(a)))[0];
    return { version, isReachable: version !== undefined || !(isMissing || UNREACHABLE.test(complaint)), reason: reasonIn(complaint) };
  }

  /** Path of the downloaded package file, verified by apt against the signed index; undefined when it did not arrive. */
  download(packageName, version) {
    this.run('apt-get', '-q', 'download', `${packageName}=${version}`);
    const file = readdirSync(join(this.folder, 'download')).find((name) => name.endsWith('.deb'));
    return file && join(this.folder, 'download', file);
  }
}
