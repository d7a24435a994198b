/** Finds nats-server, or fetches it; records where it is for everybody else. */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { note, SetupError, step, warn } from '../progress.mjs';
import { fetchNatsServer } from './fetch.mjs';
import { compareVersions, concern, fitness, versionOf } from './version.mjs';

const SUBJECT = 'nats-server';

/** Marks when the mirrors answered with nothing fit, and how long that answer is believed. */
const ASKED = 'asked';
const ASK_AGAIN_MS = 24 * 60 * 60 * 1000;

const withVersion = (files) => files.filter((file) => existsSync(file))
  .map((file) => ({ file, version: versionOf(file) })).filter(({ version }) => version !== undefined);

const newestFirst = (found) => [...found].sort((a, b) => compareVersions(b.version, a.version));

function chosenByHand() {
  const file = process.env.NATS_SERVER_BIN;
  if (!file) return undefined;
  const version = versionOf(file);
  if (!version) throw new SetupError(`NATS_SERVER_BIN=${file} is not a nats-server that runs here. Correct it, or unset it: unset NATS_SERVER_BIN`);
  return { file, version };
}

function onPath() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin'];
  return withVersion([...new Set(folders)].map((folder) => join(folder, 'nats-server')));
}

function inCache(folder) {
  if (!existsSync(folder)) return [];
  return withVersion(readdirSync(folder).filter((name) => name.endsWith(`-${process.arch}`)).map((name) => join(folder, name, 'nats-server')));
}

function record(folder, { file }) {
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `current.${process.pid}`);
  writeFileSync(fresh, `${file}\n`);
  renameSync(fresh, join(folder, 'current'));
}

function explain(tried) {
  const aptGet = ['/usr/bin/apt-get', '/bin/apt-get'].some((file) => existsSync(file));
  return [
    'nats-server is missing and could not be fetched.',
    ...tried.map((line) => `  - ${line}`),
    'Get version 2.12.7, 2.14 or later from your distribution or from the NATS project, then name it:',
    '  NATS_SERVER_BIN=/path/to/nats-server npm start',
    ...(aptGet ? ['or, for a single-operator demonstration, install the one your distribution has:', '  sudo apt-get update && sudo apt-get install -y nats-server'] : []),
  ].join('\n');
}

async function fetched(folder, present) {
  const tried = [];
  const got = await step(SUBJECT, 'fetching with this machine’s package manager (nothing is installed outside the project)', () => {
    const found = fetchNatsServer(folder, tried);
    if (!found) throw new SetupError('no suite of this machine’s mirrors has one that runs here');
    return found;
  }).catch((error) => { tried.push(error.message); });
  const best = newestFirst([...present, ...(got ? [got] : [])])[0];
  if (!best) throw new SetupError(explain(tried));
  if (fitness(best.version) !== 'peers') {
    for (const line of tried) note(SUBJECT, line);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ASKED), '');
  }
  return best;
}

/** Whether something runs here and the mirrors said within a day that they have nothing better. */
function isBestKnown(folder, present) {
  const asked = statSync(join(folder, ASKED), { throwIfNoEntry: false });
  return present.length > 0 && asked !== undefined && Date.now() - asked.mtimeMs < ASK_AGAIN_MS;
}

async function chosenForUs(folder) {
  const present = [...onPath(), ...inCache(folder)];
  const fit = present.find(({ version }) => fitness(version) === 'peers');
  if (fit) return fit;
  return isBestKnown(folder, present) ? newestFirst(present)[0] : fetched(folder, present);
}

/**
 * Path and version of the nats-server to run: NATS_SERVER_BIN, else one on PATH that may face peers, else the cache's,
 * else fetched; an older one only when nothing else is found. Recorded in `<cache>/nats-server/current`.
 *
 * @throws SetupError when there is none, naming what was tried and the command that helps.
 */
export async function findOrFetchNatsServer(cache) {
  const folder = join(cache, 'nats-server');
  const found = chosenByHand() ?? await chosenForUs(folder);
  record(folder, found);
  const worry = concern(found.version);
  if (worry) warn(SUBJECT, worry);
  return found;
}
