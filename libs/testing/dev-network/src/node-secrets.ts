import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { nodeIdOfKey } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { SERVICE_NAMES } from './service-names.js';

/** Everything secret of one node of the dev network, kept in one file that only its owner reads. */
export interface NodeSecrets {
  readonly nodeId: string;
  readonly nodeKey: string;
  readonly nodePassword: string;
  readonly federationNkey: string;
  /** Our user seed at each peer, by the peer's name. */
  readonly linkNkeys: Readonly<Record<string, string>>;
  readonly databasePasswords: Readonly<Record<string, string>>;
  readonly gatewayPort: number;
  readonly natsPort: number;
}

const utf8 = new TextDecoder();
const newNkey = () => utf8.decode(createUser().getSeed());
const password = () => randomBytes(18).toString('base64url');

/** Public half of an NKey seed. */
export const publicNkey = (seed: string): string => fromSeed(new TextEncoder().encode(seed)).getPublicKey();

/** Reads the secrets of a node, or makes them the first time. */
export function nodeSecrets(file: string, peers: readonly string[], ports: { readonly gateway: number; readonly nats: number }): NodeSecrets {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as NodeSecrets;
  const nodeKey = randomBytes(32);
  const secrets: NodeSecrets = {
    nodeId: nodeIdOfKey(nodeEd25519.publicKey(nodeKey)), nodeKey: nodeKey.toString('base64url'), nodePassword: password(),
    federationNkey: newNkey(), linkNkeys: Object.fromEntries(peers.map((peer) => [peer, newNkey()])),
    databasePasswords: Object.fromEntries(SERVICE_NAMES.map((service) => [service, password()])),
    gatewayPort: ports.gateway, natsPort: ports.nats,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
