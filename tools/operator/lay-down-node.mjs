/** Makes the folder of a new node: keys, passwords, configuration. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { didOfKey, hashBytes, nodeIdOfKey, portableEd25519, toBase64url } from '@kula/kernel-crypto';
import { createUser } from '@nats-io/nkeys';
import { ROOT } from '../bootstrap/prepare.mjs';
import { SetupError } from '../bootstrap/progress.mjs';
import { composeSettings } from './compose-settings.mjs';
import { placesOf, textsOf } from './node-folder.mjs';
import { explained, giveTo, newFile, newFolder, shortPath } from './private-files.mjs';
import { loginOf, SERVICE_NAMES } from './services.mjs';

/** The user of our images, who owns the files where root makes them. */
const IMAGE_USER = { uid: 10001, gid: 10001 };

const password = () => randomBytes(24).toString('base64url');
const newNkey = () => new TextDecoder().decode(createUser().getSeed());

function newKey() {
  const privateKey = randomBytes(32);
  return { privateKey: toBase64url(privateKey), publicKey: portableEd25519.publicKey(privateKey) };
}

/** One secret per file name. Passwords are letters, digits, dashes and underscores: safe inside an address. */
function newSecrets({ natsUrl, natsHost }, nodeKey) {
  const bus = new URL(natsUrl);
  const databases = SERVICE_NAMES.map((service) => [`database-url-${service}`, `postgres://${loginOf(service)}:${password()}@postgres:5432/kula`]);
  return {
    'node-key': nodeKey.privateKey, 'nats-url': `${bus.protocol}//node:${password()}@${natsHost}:4222`,
    'federation-nkey': newNkey(), 'link-nkey': newNkey(), 'postgres-password': password(), ...Object.fromEntries(databases),
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

function fill(folder, { node, secrets, wallet, compose }) {
  const places = placesOf(folder);
  const texts = textsOf(node, { natsUrl: secrets['nats-url'], federationNkey: secrets['federation-nkey'], linkNkey: secrets['link-nkey'] });
  for (const name of ['secrets', 'nats', 'federation', 'postgres', 'streams']) newFolder(places[name]);
  if (node.isTls) newFolder(join(places.nats, 'tls'));
  for (const [name, secret] of Object.entries(secrets)) newFile(join(places.secrets, name), `${secret}\n`);
  for (const name of ['node', 'card', 'natsConfig', 'peers']) newFile(places[name], texts[name]);
  newFile(places.compose, compose);
  newFile(places.wallet, `${JSON.stringify(wallet, null, 2)}\n`);
  newFile(join(folder, '.gitignore'), '*\n');
  if (process.getuid?.() === 0) for (const name of ['secrets', 'nats', 'federation', 'postgres', 'streams']) giveTo(IMAGE_USER, places[name]);
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
  const { name, domain, natsUrl } = description;
  const [nodeKey, operatorKey, recoveryKey] = [newKey(), newKey(), newKey()];
  const nodeId = nodeIdOfKey(nodeKey.publicKey);
  const operatorId = didOfKey(operatorKey.publicKey);
  const node = { name, domain, nodeId, natsUrl, isTls: natsUrl.startsWith('tls:'), peers: [] };
  const wallet = { owner: `operator of ${domain}`, did: operatorId, privateKey: operatorKey.privateKey };
  const compose = composeSettings({
    ...description, folder: fromRoot(folder), user: owner(), nodeId, operatorId, recoveryKeyHash: hashBytes(recoveryKey.publicKey),
  });
  appear(folder, { node, secrets: newSecrets(description, nodeKey), wallet, compose });
  return { nodeId, operatorId, operatorKey: operatorKey.privateKey, recoveryKey: recoveryKey.privateKey };
}
