/**
 * The folder of one node: everything the node is, apart from the code.
 *
 *   node.json             who it is and which peers it has; nats.conf and peers.json are made from it
 *   .env                  settings for docker compose
 *   card.json             what peers need to know; public
 *   operator-wallet.json  key of the operator, until it is moved away
 *   secrets/              one secret per file, mounted one by one
 *   nats/nats.conf        mounted into the nats-server
 *   federation/peers.json mounted into the federation service
 *   postgres/, streams/   what Postgres and the nats-server keep
 */
import { accessSync } from 'node:fs';
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
const CERTIFICATE = { certFile: '/etc/kula/tls/cert.pem', keyFile: '/etc/kula/tls/key.pem' };

/** Paths inside the folder of a node. */
export const placesOf = (folder) => ({
  node: join(folder, 'node.json'), compose: join(folder, '.env'), card: join(folder, 'card.json'), wallet: join(folder, 'operator-wallet.json'),
  secrets: join(folder, 'secrets'), nats: join(folder, 'nats'), natsConfig: join(folder, 'nats', 'nats.conf'),
  federation: join(folder, 'federation'), peers: join(folder, 'federation', 'peers.json'),
  postgres: join(folder, 'postgres'), streams: join(folder, 'streams'),
});

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const seedOf = (text) => fromSeed(new TextEncoder().encode(text));

/** Public half of a user NKey. */
export const publicNkey = (seed) => seedOf(seed).getPublicKey();

/** What a peer must know of a node to let it in and to dial it. */
export const cardOf = ({ name, nodeId, natsUrl }, linkNkey) => ({ name, nodeId, publicNkey: publicNkey(linkNkey), natsUrl });

/** Texts of the files that follow from who the node is, its peers and its secrets. */
export function textsOf(node, { natsUrl, federationNkey, linkNkey }) {
  const peers = node.peers.map(({ nodeId, name, natsUrl: address }) => ({ nodeId, name, natsUrl: address, nkeySeed: linkNkey }));
  const server = natsConfig({
    serverName: node.domain, listen: LISTEN, storeDir: STORE, nodePassword: decodeURIComponent(new URL(natsUrl).password),
    federationUserPublicNkey: publicNkey(federationNkey), peers: node.peers.map(({ nodeId, publicNkey: key }) => ({ nodeId, publicNkey: key })),
    ...(node.isTls && { tls: CERTIFICATE }),
  });
  return {
    node: json(node), card: json(cardOf(node, linkNkey)), peers: json(peers),
    natsConfig: `# Made from node.json by node:init and node:peer: what is written here by hand is lost.\nhttp: "${HEALTH}"\n${server}`,
  };
}

/** The secrets that those texts need. */
function natsSecretsIn(folder) {
  const secret = (name) => textOf(join(placesOf(folder).secrets, name));
  return { natsUrl: secret('nats-url'), federationNkey: secret('federation-nkey'), linkNkey: secret('link-nkey') };
}

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
export const ownCard = (folder) => cardOf(readNode(folder), natsSecretsIn(folder).linkNkey);

/** Writes a node with other peers than before, and the files that follow from it. Nothing is written where one of them cannot be made. */
export function saveNode(folder, node) {
  const places = placesOf(folder);
  const texts = textsOf(node, natsSecretsIn(folder));
  for (const name of ['node', 'natsConfig', 'peers']) replaceFile(places[name], texts[name]);
}
