/** The .env of a node: settings that docker compose puts in the place of ${…}. Secrets are files and not among them. */

/** Where the federation service finds the certificate that it tells peers to pin, inside its container. */
const LINK_CA_FILE = '/etc/kula/link-ca.pem';

/** A value that the env file of docker compose reads back as it was: its quoted forms differ in what they expand. */
export function quoted(text) {
  if (/^[A-Za-z0-9_.,:/@+-]*$/.test(text)) return text;
  if (!/['\\]/.test(text)) return `'${text}'`;
  return `"${text.replace(/[\\"$]/g, (found) => `\\${found}`)}"`;
}

/** Where the gateway is published: to this machine where a proxy or nobody else comes by, to all where its address is a plain one. */
export function gatewayListen(gatewayUrl) {
  const { protocol, hostname, port } = new URL(gatewayUrl);
  const isNear = protocol === 'https:' || /^(localhost|127\..*|\[::1\])$/.test(hostname);
  return `${isNear ? '127.0.0.1' : '0.0.0.0'}:${protocol === 'http:' && port !== '' ? port : '8080'}`;
}

const lines = (settings) => Object.entries(settings).map(([name, value]) => `${name}=${quoted(String(value))}`).join('\n');

/** Text of the .env file. */
export function composeSettings(node) {
  const yours = {
    KULA_NODE_NAME: node.name, KULA_NODE_DOMAIN: node.domain, KULA_GATEWAY_URL: node.gatewayUrl,
    PUBLISH_GATEWAY: node.gatewayListen, PUBLISH_NATS: node.natsListen,
  };
  const made = {
    COMPOSE_PROJECT_NAME: `kula-${node.domain.replaceAll('.', '-')}`, NODE_DIR: node.folder, NODE_USER: `${node.user.uid}:${node.user.gid}`,
    NATS_HOST: node.natsHost, NATS_URL: `nats://${node.natsHost}:4222`,
    KULA_LINK_NATS_URL: node.natsUrl, LINK_CA_FILE: node.tls === 'made' ? LINK_CA_FILE : '',
    KULA_NETWORK: node.network, KULA_NODE_ID: node.nodeId, KULA_OPERATOR_ID: node.operatorId, KULA_RECOVERY_KEY_HASH: node.recoveryKeyHash,
  };
  return `# A Kula node, made by node:init: docker compose --env-file ${node.folder}/.env up -d --build
# These five are yours to think about. The name, domain and address are signed when the node first starts; after that they stay.
${lines(yours)}

# Made for this node: leave them.
${lines(made)}

# What services may be told besides, with their own defaults: KULA_LOG_LEVEL, KULA_GATEWAY_RATE_PER_MINUTE,
# KULA_MATCHING_THRESHOLD, KULA_RING_LENGTH_MAX, KULA_MATCHING_INTERVAL_SECONDS, KULA_CONSENT_HOURS, KULA_LEASE_GRACE_HOURS.
`;
}
