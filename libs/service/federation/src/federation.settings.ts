import { did, domainName, gatewayAddress, hash, nodeAnnounced, plainLine } from '@kula/contracts';
import { fromBase64url, isDid, nodeIdOfKey } from '@kula/kernel-crypto';
import { nodeEd25519, readSettings, SettingsError, type Environment, type ServiceSettings } from '@kula/platform-runtime';
import { z } from 'zod';
import { OwnNode } from './own-node.js';

const federationSettings = z.object({
  KULA_NODE_KEY: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'the private key of this node: 32 bytes, base64url'),
  KULA_NETWORK: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'the name of the federation: letters, digits, dots, colons, dashes').default('kula-dev'),
  KULA_FEDERATION_NATS_URL: z.url({ protocol: /^(nats|tls)$/, error: 'the address of the nats-server that peers connect to' }).optional(),
  KULA_FEDERATION_NKEY: z.string().regex(/^SU[A-Z2-7]{56}$/, 'the seed of a user NKey').optional(),
  KULA_PEERS_FILE: z.string().optional(),
  KULA_NODE_NAME: plainLine,
  KULA_NODE_DOMAIN: domainName,
  KULA_GATEWAY_URL: gatewayAddress,
  KULA_OPERATOR_ID: did.refine(isDid, 'must be an Ed25519 did:key'),
  KULA_RECOVERY_KEY_HASH: hash.optional(),
});

/** What the federation service is told when it starts. */
export interface FederationSettings {
  readonly own: OwnNode;
  /** The nats-server that holds the log. Without a seed, user and password stand in the address. */
  readonly logNats: { readonly url: string; readonly nkeySeed?: string };
  /** Absent: a node without peers. */
  readonly peersFile?: string;
}

/** Reads and checks the settings. @throws SettingsError naming what is wrong; the key is never quoted. */
export function readFederationSettings(service: ServiceSettings, env: Environment): FederationSettings {
  const settings = readSettings(federationSettings, 'federation', env);
  const privateKey = fromBase64url(settings.KULA_NODE_KEY);
  if (privateKey?.length !== 32 || nodeIdOfKey(nodeEd25519.publicKey(privateKey)) !== service.KULA_NODE_ID) {
    throw new SettingsError('the federation service cannot start: KULA_NODE_KEY is not the key that KULA_NODE_ID was made of');
  }
  const announcement = nodeAnnounced.body.parse({
    node_id: service.KULA_NODE_ID, name: settings.KULA_NODE_NAME, domain: settings.KULA_NODE_DOMAIN, gateway_url: settings.KULA_GATEWAY_URL,
    operator_id: settings.KULA_OPERATOR_ID, recovery_key_hash: settings.KULA_RECOVERY_KEY_HASH ?? null, protocol: 1,
  });
  return {
    own: new OwnNode(service.KULA_NODE_ID, settings.KULA_NETWORK, privateKey, announcement),
    logNats: {
      url: settings.KULA_FEDERATION_NATS_URL ?? service.KULA_NATS_URL,
      ...(settings.KULA_FEDERATION_NKEY !== undefined && { nkeySeed: settings.KULA_FEDERATION_NKEY }),
    },
    ...(settings.KULA_PEERS_FILE !== undefined && { peersFile: settings.KULA_PEERS_FILE }),
  };
}
