/**
 * The folder of one node: everything the node is, apart from the code.
 *
 *   node.json             who it is and which peers it has; peers.json is made from it
 *   .env                  settings for docker compose
 *   card.json             what peers need to know; public
 *   operator-wallet.json  key of the operator, until it is moved away
 *   secrets/              one secret per file, mounted one by one
 *   nats/nats.conf        mounted into the nats-server; made once, peers come and go without it
 *   link/                 cert.pem and key.pem of the nats-server, mounted into it
 *   federation/           mounted into the federation service: peers.json, link-ca.pem that peers are told to pin, and per peer what it told us
 *   postgres/, streams/   what Postgres and the nats-server keep
 */
import { accessSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fromSeed } from '@nats-io/nkeys';
// The one file of the library that needs no framework: these commands answer at once.
import { natsConfig } from '../../libs/platform/federation/dist/nats-config.js';
import { SetupError } from '../bootstrap/progress.mjs';
import { explained, replaceFile, textOf } from './private-files.mjs';

/** Where the nats-server listens, keeps its streams, answers for its health and finds its certificate: all inside its container. */
const LISTEN = '0.0.0.0:4222';
const STORE = '/data';
const HEALTH = '127.0.0.1:8222';
const CERTIFICATE = { certFile: '/etc/kula-link/cert.pem', keyFile: '/etc/kula-link/key.pem' };
/** Where the federation service finds what stands in its folder, inside its container. */
const FEDERATION = '/etc/kula';

const certificateName = (nodeId) => `${nodeId}.pem`;

/** Paths inside the folder of a node. */
export const placesOf = (folder) => ({
  node: join(folder, 'node.json'), compose: join(folder, '.env'), card: join(folder, 'card.json'), wallet: join(folder, 'operator-wallet.json'),
  secrets: join(folder, 'secrets'), nats: join(folder, 'nats'), natsConfig: join(folder, 'nats', 'nats.conf'),
  link: join(folder, 'link'), linkCertificate: join(folder, 'link', 'cert.pem'), linkKey: join(folder, 'link', 'key.pem'),
  federation: join(folder, 'federation'), peers: join(folder, 'federation', 'peers.json'), linkCa: join(folder, 'federation', 'link-ca.pem'),
  postgres: join(folder, 'postgres'), streams: join(folder, 'streams'),
});

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const seedOf = (text) => fromSeed(new TextEncoder().encode(text));

/** Public half of an NKey, of a user or an account. */
export const publicNkey = (seed) => seedOf(seed).getPublicKey();

/** What a peer must know of a node to let it in and to dial it. With a certificate of its own making, that too: the peer pins it. */
export const cardOf = ({ name, nodeId, natsUrl, tlsCa }, linkNkey) =>
  ({ name, nodeId, publicNkey: publicNkey(linkNkey), natsUrl, ...(tlsCa !== undefined && { tlsCa }) });

/** Text of the configuration of the nats-server. It does not depend on peers. */
export function natsConfigOf(node, { natsUrl, federationNkey, systemNkey, admissionSeed }) {
  const server = natsConfig({
    serverName: node.domain, listen: LISTEN, storeDir: STORE, nodePassword: decodeURIComponent(new URL(natsUrl).password),
    federationUserPublicNkey: publicNkey(federationNkey), systemUserPublicNkey: publicNkey(systemNkey), admissionIssuerPublicNkey: publicNkey(admissionSeed),
    ...(node.tls !== 'none' && { tls: CERTIFICATE }),
  });
  return `# Made by node:init; peers are admitted without it.\nhttp: "${HEALTH}"\n${server}`;
}

/** Texts of the files that follow from who the node is and its peers. */
export function textsOf(node, linkNkey) {
  const peers = node.peers.map(({ nodeId, name, natsUrl, publicNkey: key, tlsCa }) => ({
    nodeId, name, natsUrl, nkeySeed: linkNkey, publicNkey: key, ...(tlsCa !== undefined && { tls: { caFile: `${FEDERATION}/${certificateName(nodeId)}` } }),
  }));
  return { node: json(node), card: json(cardOf(node, linkNkey)), peers: json(peers) };
}

const linkNkeyIn = (folder) => textOf(join(placesOf(folder).secrets, 'link-nkey'));

/** The node a folder holds. @throws SetupError where it holds none. */
export function readNode(folder) {
  const { node } = placesOf(folder);
  try {
    accessSync(node);
  } catch (error) {
    throw error.code === 'ENOENT' ? new SetupError(`${folder} holds no node: ${node} is missing. Make one with: npm run node:init`) : explained(error, node);
  }
  try {
    return JSON.parse(textOf(node));
  } catch (error) {
    throw error instanceof SyntaxError ? new SetupError(`${node} is not JSON any more: ${error.message}`) : error;
  }
}

/** The card of the node a folder holds. */
export const ownCard = (folder) => cardOf(readNode(folder), linkNkeyIn(folder));

/**
 * Writes a node with other peers than before, and the files that follow from it: certificates before the list that names them.
 * Nothing is written where one of them cannot be made.
 */
export function saveNode(folder, node) {
  const places = placesOf(folder);
  const texts = textsOf(node, linkNkeyIn(folder));
  const pinned = node.peers.filter(({ tlsCa }) => tlsCa !== undefined);
  for (const { nodeId, tlsCa } of pinned) replaceFile(join(places.federation, certificateName(nodeId)), tlsCa);
  for (const name of ['node', 'peers']) replaceFile(places[name], texts[name]);
  const kept = new Set(pinned.map(({ nodeId }) => certificateName(nodeId)));
  for (const name of readdirSync(places.federation)) if (/^z6Mk.*\.pem$/.test(name) && !kept.has(name)) rmSync(join(places.federation, name));
}
