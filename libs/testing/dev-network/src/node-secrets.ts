import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createAccount, createUser, fromSeed } from '@nats-io/nkeys';
import { nodeIdOfKey } from '@kula/kernel-crypto';
import { linkCertificate, type LinkCertificate } from '@kula/platform-federation';
import { nodeEd25519 } from '@kula/platform-runtime';
import { SERVICE_NAMES } from './service-names.js';

/** Everything secret of one node of the dev network, kept in one file that only its owner reads. */
export interface NodeSecrets {
  readonly nodeId: string;
  readonly nodeKey: string;
  readonly nodePassword: string;
  readonly federationNkey: string;
  /** Seed of the account NKey with which the federation service admits peers to the nats-server. */
  readonly admissionSeed: string;
  /** Seed of the user NKey with which it ends their connections. */
  readonly systemNkey: string;
  /** What the nats-server shows to peers, who pin it. */
  readonly link: LinkCertificate;
  /** Our user seed at each peer, by the peer's name. */
  readonly linkNkeys: Readonly<Record<string, string>>;
  readonly databasePasswords: Readonly<Record<string, string>>;
  readonly gatewayPort: number;
  readonly natsPort: number;
}

const utf8 = new TextDecoder();
const seedOf = (pair: { getSeed(): Uint8Array }) => utf8.decode(pair.getSeed());
const newNkey = () => seedOf(createUser());
const password = () => randomBytes(18).toString('base64url');

/** Public half of an NKey seed, of a user or an account. */
export const publicNkey = (seed: string): string => fromSeed(new TextEncoder().encode(seed)).getPublicKey();

/** Reads the secrets of a node, or makes them the first time. Those that an older network did not have yet are added. */
export function nodeSecrets(file: string, peers: readonly string[], ports: { readonly gateway: number; readonly nats: number }): NodeSecrets {
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Partial<NodeSecrets> : {};
  const secrets = { ...madeSecrets(peers, ports), ...kept };
  if (Object.keys(secrets).every((name) => name in kept)) return secrets;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

function madeSecrets(peers: readonly string[], ports: { readonly gateway: number; readonly nats: number }): NodeSecrets {
  const nodeKey = randomBytes(32);
  return {
    nodeId: nodeIdOfKey(nodeEd25519.publicKey(nodeKey)), nodeKey: nodeKey.toString('base64url'), nodePassword: password(),
    federationNkey: newNkey(), admissionSeed: seedOf(createAccount()), systemNkey: newNkey(), link: linkCertificate('tls://127.0.0.1', new Date()),
    linkNkeys: Object.fromEntries(peers.map((peer) => [peer, newNkey()])),
    databasePasswords: Object.fromEntries(SERVICE_NAMES.map((service) => [service, password()])),
    gatewayPort: ports.gateway, natsPort: ports.nats,
  };
}
