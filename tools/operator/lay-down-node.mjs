/** Makes the folder of a new node: keys, passwords, configuration. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { didOfKey, hashBytes, nodeIdOfKey, portableEd25519, toBase64url } from '@kula/kernel-crypto';
import { createAccount, createUser } from '@nats-io/nkeys';
// As the configuration: the one file it needs.
import { linkCertificate } from '../../libs/platform/federation/dist/link-certificate.js';
import { ROOT } from '../bootstrap/prepare.mjs';
import { SetupError } from '../bootstrap/progress.mjs';
import { composeSettings } from './compose-settings.mjs';
import { natsConfigOf, placesOf, textsOf } from './node-folder.mjs';
import { explained, giveTo, newFile, newFolder, shortPath } from './private-files.mjs';
import { loginOf, SERVICE_NAMES } from './services.mjs';

/** The user of our images, who owns the files where root makes them. */
const IMAGE_USER = { uid: 10001, gid: 10001 };

const password = () => randomBytes(24).toString('base64url');
const seedOf = (pair) => new TextDecoder().decode(pair.getSeed());

function newKey() {
  const privateKey = randomBytes(32);
  return { privateKey: toBase64url(privateKey), publicKey: portableEd25519.publicKey(privateKey) };
}

/** One secret per file name. Passwords are letters, digits, dashes and underscores: safe inside an address. */
function newSecrets({ natsHost }, nodeKey) {
  const databases = SERVICE_NAMES.map((service) => [`database-url-${service}`, `postgres://${loginOf(service)}:${password()}@postgres:5432/kula`]);
  return {
    'node-key': nodeKey.privateKey, 'nats-url': `nats://node:${password()}@${natsHost}:4222`,
    'federation-nkey': seedOf(createUser()), 'system-nkey': seedOf(createUser()), 'admission-seed': seedOf(createAccount()), 'link-nkey': seedOf(createUser()), 'postgres-password': password(), ...Object.fromEntries(databases),
  };
}

/** Who the containers run as: the owner of the files, because a container sees a file with the owner it has outside. */
function owner() {
  const uid = process.getuid?.() ?? IMAGE_USER.uid;
  return uid === 0 ? IMAGE_USER : { uid, gid: process.getgid?.() ?? IMAGE_USER.gid };
}

function checkIsFree(folder) {
  if (!existsSync(folder)) return;
  try {
    if (readdirSync(folder).length === 0) return;
  } catch (error) {
    if (error.code !== 'ENOTDIR') throw explained(error, folder);
  }
  throw new SetupError(`${folder} is there already. Nothing was changed: a node's keys cannot be made a second time.\nName another folder with --dir, or move this one away.`);
}

/** Folders that containers see: theirs where root makes the node. */
const MOUNTED = ['secrets', 'nats', 'link', 'federation', 'postgres', 'streams'];

function fill(folder, { node, secrets, wallet, compose, linkKey }) {
  const places = placesOf(folder);
  const texts = textsOf(node, secrets['link-nkey']);
  for (const name of MOUNTED) newFolder(places[name]);
  for (const [name, secret] of Object.entries(secrets)) newFile(join(places.secrets, name), `${secret}\n`);
  for (const name of ['node', 'card', 'peers']) newFile(places[name], texts[name]);
  newFile(places.natsConfig, natsConfigOf(node, {
    natsUrl: secrets['nats-url'], federationNkey: secrets['federation-nkey'], systemNkey: secrets['system-nkey'], admissionSeed: secrets['admission-seed'],
  }));
  if (node.tlsCa !== undefined) {
    for (const place of [places.linkCertificate, places.linkCa]) newFile(place, node.tlsCa);
    newFile(places.linkKey, linkKey);
  }
  newFile(places.compose, compose);
  newFile(places.wallet, `${JSON.stringify(wallet, null, 2)}\n`);
  newFile(join(folder, '.gitignore'), '*\n');
  if (process.getuid?.() === 0) for (const name of MOUNTED) giveTo(IMAGE_USER, places[name]);
}

/** The folder appears whole or not at all. */
function appear(folder, content) {
  const part = `${folder}.${process.pid}.part`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    newFolder(part);
    fill(part, content);
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw explained(error, folder);
  }
}

/** As docker compose finds it from the folder of docker-compose.yml. */
const fromRoot = (folder) => {
  const path = shortPath(folder, ROOT);
  return isAbsolute(path) ? path : `./${path}`;
};

/**
 * Makes a node in a folder that is not there or empty, and answers what only the person at the keyboard may keep.
 *
 * @throws SetupError where the folder is taken; then nothing was changed.
 */
export function layDownNode(folder, description) {
  checkIsFree(folder);
  const { name, domain, natsUrl, tls } = description;
  const [nodeKey, operatorKey, recoveryKey] = [newKey(), newKey(), newKey()];
  const nodeId = nodeIdOfKey(nodeKey.publicKey);
  const operatorId = didOfKey(operatorKey.publicKey);
  const link = tls === 'made' ? linkCertificate(natsUrl, new Date()) : undefined;
  const node = { name, domain, nodeId, natsUrl, tls, ...(link !== undefined && { tlsCa: link.certificate }), peers: [] };
  const wallet = { owner: `operator of ${domain}`, did: operatorId, privateKey: operatorKey.privateKey };
  const compose = composeSettings({
    ...description, folder: fromRoot(folder), user: owner(), nodeId, operatorId, recoveryKeyHash: hashBytes(recoveryKey.publicKey),
  });
  appear(folder, { node, secrets: newSecrets(description, nodeKey), wallet, compose, linkKey: link?.privateKey });
  return { nodeId, operatorId, operatorKey: operatorKey.privateKey, recoveryKey: recoveryKey.privateKey };
}
