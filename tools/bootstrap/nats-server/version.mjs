/** Versions of nats-server: reading, ordering and what each is good for. */
import { spawnSync } from 'node:child_process';

/** "2.15.1" of a binary, or undefined when the file is not a nats-server that runs on this machine. */
export function versionOf(file) {
  const { stdout, status } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) return undefined;
  return /nats-server: v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
}

const parts = (version) => {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found ? found.slice(1).map(Number) : [0, 0, 0];
};

/** Negative, zero or positive as left is older than, equal to or newer than right; suffixes are ignored. */
export function compareVersions(left, right) {
  const [a, b] = [parts(left), parts(right)];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/**
 * What a version is good for: `peers` (2.12.7 and later of 2.12, 2.14 and later), `alone` (2.10 up to those:
 * a demonstration with one operator) or `ancient` (before 2.10: the same, and some features refuse).
 */
export function fitness(version) {
  const [major, minor] = parts(version);
  if (compareVersions(version, '2.10.0') < 0) return 'ancient';
  if (major > 2 || minor >= 14) return 'peers';
  return minor === 12 && compareVersions(version, '2.12.7') >= 0 ? 'peers' : 'alone';
}

/** Why a version should not be used in earnest, or undefined when there is nothing to say. */
export function concern(version) {
  switch (fitness(version)) {
    case 'peers': return undefined;
    case 'alone': return `nats-server ${version} has known holes between accounts; fit for a demonstration with a single operator only, never facing peers. Wanted: 2.12.7, 2.14 or later.`;
    default: return `nats-server ${version} is very old: any tenant can damage another's streams and some features refuse. A throw-away demonstration only, never facing peers. Wanted: 2.12.7, 2.14 or later.`;
  }
}
