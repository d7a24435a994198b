import { did, domainName, gatewayAddress, hash, nodeAnnounced, plainLine } from '@kula/contracts';
import { fromBase64url, isDid } from '@kula/kernel-crypto';
import { readSettings, SettingsError, type Environment, type ServiceSettings } from '@kula/platform-runtime';
import { z } from 'zod';
import { CheckpointOptions } from './checkpoint/checkpoint-options.js';
import type { QuotaOptions } from './link/issuer-quotas.js';
import { OwnNode, type OwnKeys } from './own-node.js';
import { OwnReach } from './peers/handshake/link-statements.js';
import { DoorSettings } from './peers/peer-door.js';
import type { PeerSettings } from './peers/peer.providers.js';
import type { StreamBounds } from './streams/log-connection.js';

const privateKey = (what: string) => z.string().regex(/^[A-Za-z0-9_-]{43}$/, `${what}: 32 bytes, base64url`);

/** Longer than drafts are kept in their stream: a draft read again after a loss is known by its entry. */
const RETENTION_DAYS_MIN = 15;

const federationSettings = z.object({
  KULA_NODE_KEY: privateKey('the private key this node signs with'),
  KULA_NODE_KEY_PREVIOUS: privateKey('the private key this node has signed with so far').optional(),
  KULA_RECOVERY_KEY: privateKey('the recovery key the log of this node has committed to').optional(),
  KULA_NETWORK: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'the name of the federation: letters, digits, dots, colons, dashes').default('kula-dev'),
  KULA_FEDERATION_NATS_URL: z.url({ protocol: /^(nats|tls)$/, error: 'the address of the nats-server that peers connect to' }).optional(),
  KULA_FEDERATION_NKEY: z.string().regex(/^SU[A-Z2-7]{56}$/, 'the seed of a user NKey').optional(),
  KULA_LINK_NATS_URL: z.url({ protocol: /^(nats|tls)$/, error: 'the address at which peers reach the nats-server of this node' }).optional(),
  KULA_LINK_CA: z.string().max(8_000).regex(/^\s*-----BEGIN CERTIFICATE-----/, 'the certificate that peers check the nats-server by, PEM').regex(/^(?![^]*PRIVATE KEY)/, 'a certificate and no private key').optional(),
  KULA_ADMISSION_SEED: z.string().regex(/^SA[A-Z2-7]{56}$/, 'the seed of an account NKey').optional(),
  KULA_SYSTEM_NKEY: z.string().regex(/^SU[A-Z2-7]{56}$/, 'the seed of a user NKey').optional(),
  KULA_PEERS_FILE: z.string().optional(),
  KULA_NODE_NAME: plainLine,
  KULA_NODE_DOMAIN: domainName,
  KULA_GATEWAY_URL: gatewayAddress,
  KULA_OPERATOR_ID: did.refine(isDid, 'must be an Ed25519 did:key'),
  KULA_RECOVERY_KEY_HASH: hash.optional(),
  KULA_ISSUER_ENTRIES_PER_SECOND: z.coerce.number().int().min(1).max(1_000_000).default(1_000),
  KULA_ISSUER_BYTES_PER_DAY: z.coerce.number().int().min(1_000_000).max(2 ** 50).default(16 * 2 ** 30),
  KULA_RETENTION_DAYS: z.coerce.number().int().max(3_650).refine((days) => days === 0 || days >= RETENTION_DAYS_MIN, `0 to keep everything, or at least ${RETENTION_DAYS_MIN} days`).default(30),
  KULA_LOG_STREAM_BYTES_MAX: z.coerce.number().int().min(64_000_000).max(2 ** 50).default(8_000_000_000),
  KULA_CHECKPOINT_ENTRIES: z.coerce.number().int().min(10).max(1_000_000).default(1_000),
});

/** What the federation service is told when it starts. */
export interface FederationSettings {
  readonly own: OwnNode;
  /** The nats-server that holds the log. Without a seed, user and password stand in the address. */
  readonly logNats: { readonly url: string; readonly nkeySeed?: string };
  /** How much of the log its stream keeps. */
  readonly stream: StreamBounds;
  readonly checkpoints: CheckpointOptions;
  /** What one issuer may add to the database of this node; beyond, it is parked. */
  readonly quotas: QuotaOptions;
  readonly peers: PeerSettings;
}

/** Reads and checks the settings. @throws SettingsError naming what is wrong; the key is never quoted. */
export function readFederationSettings(service: ServiceSettings, env: Environment): FederationSettings {
  const settings = readSettings(federationSettings, 'federation', env);
  const announcement = nodeAnnounced.body.parse({
    node_id: service.KULA_NODE_ID, name: settings.KULA_NODE_NAME, domain: settings.KULA_NODE_DOMAIN, gateway_url: settings.KULA_GATEWAY_URL,
    operator_id: settings.KULA_OPERATOR_ID, recovery_key_hash: settings.KULA_RECOVERY_KEY_HASH ?? null, protocol: 1,
  });
  return {
    own: new OwnNode(service.KULA_NODE_ID, settings.KULA_NETWORK, keysIn(settings), announcement),
    quotas: { entriesPerSecond: settings.KULA_ISSUER_ENTRIES_PER_SECOND, bytesPerDay: settings.KULA_ISSUER_BYTES_PER_DAY },
    logNats: {
      url: settings.KULA_FEDERATION_NATS_URL ?? service.KULA_NATS_URL,
      ...(settings.KULA_FEDERATION_NKEY !== undefined && { nkeySeed: settings.KULA_FEDERATION_NKEY }),
    },
    stream: { retentionDays: settings.KULA_RETENTION_DAYS, bytesMax: settings.KULA_LOG_STREAM_BYTES_MAX },
    checkpoints: new CheckpointOptions(settings.KULA_RETENTION_DAYS, settings.KULA_CHECKPOINT_ENTRIES),
    peers: peersIn(settings, service.KULA_NATS_URL),
  };
}

/** The keys given. Which of them the log wants is known only once the log is read. */
function keysIn(settings: z.output<typeof federationSettings>): OwnKeys {
  const named = (name: 'KULA_NODE_KEY' | 'KULA_NODE_KEY_PREVIOUS' | 'KULA_RECOVERY_KEY'): Uint8Array | undefined => {
    const text = settings[name];
    const key = text === undefined ? undefined : fromBase64url(text);
    if (text !== undefined && key?.length !== 32) throw new SettingsError(`the federation service cannot start: ${name} is not 32 bytes in base64url`);
    return key;
  };
  const [current, previous, recovery] = [named('KULA_NODE_KEY')!, named('KULA_NODE_KEY_PREVIOUS'), named('KULA_RECOVERY_KEY')];
  return {
    current, recoveryKeyHash: settings.KULA_RECOVERY_KEY_HASH ?? null,
    ...(previous !== undefined && { previous }), ...(recovery !== undefined && { recovery }),
  };
}

/** The address without the credentials of this node, which are no business of peers. */
function withoutCredentials(address: string): string {
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}

/** How peers reach this node, and who decides at its nats-server. Both seeds or none: one alone lets nobody in. */
function peersIn(settings: z.output<typeof federationSettings>, natsUrl: string): PeerSettings {
  const { KULA_ADMISSION_SEED: issuerSeed, KULA_SYSTEM_NKEY: systemNkeySeed, KULA_PEERS_FILE: peersFile, KULA_FEDERATION_NATS_URL: federationUrl } = settings;
  if ((issuerSeed === undefined) !== (systemNkeySeed === undefined)) {
    throw new SettingsError('the federation service cannot start: KULA_ADMISSION_SEED and KULA_SYSTEM_NKEY belong together');
  }
  const dialled = withoutCredentials(federationUrl ?? natsUrl);
  const reach = new OwnReach(withoutCredentials(settings.KULA_LINK_NATS_URL ?? dialled), settings.KULA_LINK_CA ?? null);
  const seeds = issuerSeed === undefined || systemNkeySeed === undefined ? undefined : { issuerSeed, systemNkeySeed };
  return { reach, door: new DoorSettings(seeds, dialled, reach.isEncrypted), ...(peersFile !== undefined && { peersFile }) };
}
