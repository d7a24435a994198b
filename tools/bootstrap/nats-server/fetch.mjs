/** Fetches nats-server with the machine's own package manager and mirror, a newer suite included, into the cache. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distributionArchives } from './apt-sources.mjs';
import { PrivateApt } from './apt-download.mjs';
import { compareVersions, fitness, versionOf } from './version.mjs';
import { fileInDeb } from './unpack-deb.mjs';

const PACKAGE = 'nats-server';

/** Puts the binary of a package at `<folder>/<version>-<arch>/nats-server`, whole or not at all. */
function keep(deb, folder) {
  const bytes = fileInDeb(deb, '/nats-server');
  if (!bytes) return undefined;
  const fresh = mkdtempSync(join(folder, 'fresh-'));
  writeFileSync(join(fresh, PACKAGE), bytes, { mode: 0o755 });
  const version = versionOf(join(fresh, PACKAGE));
  if (!version) {
    rmSync(fresh, { recursive: true });
    return undefined;
  }
  const place = join(folder, `${version}-${process.arch}`);
  mkdirSync(place, { recursive: true });
  renameSync(join(fresh, PACKAGE), join(place, PACKAGE));
  rmSync(fresh, { recursive: true });
  return { file: join(place, PACKAGE), version };
}

/**
 * The first nats-server found that may face peers, else the newest that runs here, else undefined.
 *
 * Suites are asked one after the other, newest first; `tried` receives one line for each.
 * Downloads an index (about 10 MB) and a package (about 6 MB) per suite asked.
 */
export function fetchNatsServer(folder, tried) {
  const { archives, suites } = distributionArchives();
  if (suites.length === 0) {
    tried.push('the package manager: no apt sources of this distribution found');
    return undefined;
  }
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'apt-'));
  try {
    return fetchFrom({ apt: new PrivateApt(work), archives, suites, folder, tried });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Asks one suite. `result` is the binary kept, if any; `isReachable` false means the mirror does not answer at all. */
function fetchFromSuite({ apt, archives, suite, folder, tried }) {
  const offer = apt.newest(PACKAGE, archives, suite);
  if (!offer.version) {
    tried.push(`suite ${suite}: ${offer.reason ?? 'has no nats-server'}`);
    return { isReachable: offer.isReachable };
  }
  const deb = apt.download(PACKAGE, offer.version);
  if (!deb) {
    tried.push(`suite ${suite}: ${offer.version} did not download`);
    return { isReachable: true };
  }
  const result = keep(deb, folder);
  rmSync(deb, { force: true });
  tried.push(`suite ${suite}: ${offer.version} ${result ? 'runs here' : 'does not run here'}`);
  return { isReachable: true, result };
}

function fetchFrom({ suites, ...request }) {
  let best;
  for (const suite of suites) {
    const { isReachable, result } = fetchFromSuite({ ...request, suite });
    if (!isReachable) break;
    if (result && fitness(result.version) === 'peers') return result;
    if (result && (!best || compareVersions(result.version, best.version) > 0)) best = result;
  }
  return best;
}
