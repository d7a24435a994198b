import { invariant } from '@kula/kernel-primitives';
import { isNodeId } from '@kula/kernel-federation-log';

/** A peer that may connect: its node id, and the public part of the NKey it proves itself with. */
export interface NatsPeer {
  readonly nodeId: string;
  readonly publicNkey: string;
}

/** What a node's nats-server is told. */
export interface NatsConfigOptions {
  readonly serverName: string;
  /** `host:port` for clients and peers. */
  readonly listen: string;
  /** Folder of the streams. Left out where the command line names it: the server refuses to be told twice. */
  readonly storeDir?: string;
  /** Password of the user `node`, with which the services of the node connect. */
  readonly nodePassword: string;
  /** Public NKey of the node's own federation service, the only user of the account that holds the log. */
  readonly federationUserPublicNkey: string;
  readonly peers: readonly NatsPeer[];
  /** Certificate for clients and peers; without it the server speaks plain TCP and belongs behind one that does not. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** False lets the server answer before the disk has it: a power failure may then take the last messages back. Default true. */
  readonly durable?: boolean;
}

/** Largest message inside the node. */
const NODE_PAYLOAD = '1MB';
/** Largest message a peer may send: requests only, entries are pulled. */
const PEER_PAYLOAD = '4KB';
const NKEY_OF_USER = /^U[A-Z2-7]{55}$/;
const LISTEN = /^[A-Za-z0-9.:[\]-]+:-?[0-9]+$/;

/** What a peer may call, renamed on the way: under `$JS.API` an account without JetStream would answer for itself. */
const EXPORTED_API = ['CONSUMER.MSG.NEXT.FEDLOG.*', 'CONSUMER.INFO.FEDLOG.*'];

const quoted = (text: string): string => {
  invariant(!/[\p{Cc}]/u.test(text), 'a text of the configuration has no control characters');
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
};

function checkNkey(key: string): string {
  invariant(NKEY_OF_USER.test(key), 'the public NKey of a user is U and 55 letters of base32');
  return key;
}

/** Publishes to its own consumer and its own requests, listens to its own inbox, and nothing else. */
function peerUser({ nodeId, publicNkey }: NatsPeer): string {
  invariant(isNodeId(nodeId), 'a peer is named by its node id');
  return `      { nkey: ${checkNkey(publicNkey)}, permissions {
          publish { allow: ["fedjs.CONSUMER.MSG.NEXT.FEDLOG.p_${nodeId}", "fedjs.CONSUMER.INFO.FEDLOG.p_${nodeId}", "fedapi.*.${nodeId}"] }
          subscribe { allow: ["_INBOX_${nodeId}.>"] } } }`;
}

const tlsBlock = ({ certFile, keyFile }: { readonly certFile: string; readonly keyFile: string }): string =>
  `tls { cert_file: ${quoted(certFile)}, key_file: ${quoted(keyFile)}, timeout: 5 }\n`;

function peersAccount(peers: readonly NatsPeer[]): string {
  const imports = EXPORTED_API.map((api) => `      { service: { account: FED, subject: "$JS.API.${api}" }, to: "fedjs.${api}" }`);
  return `  # Peers live apart from the log: no JetStream, no stream of their own, three renamed doors into FED.
  PEERS {
    limits { max_payload: ${PEER_PAYLOAD}, max_subscriptions: ${20 * peers.length + 20}, max_connections: ${4 * peers.length + 4} }
    imports: [
${imports.join('\n')}
      { service: { account: FED, subject: "fedapi.>" } }
    ]
    users: [
${peers.map(peerUser).join('\n')}
    ]
  }`;
}

/**
 * Configuration text of a node's nats-server, 2.12.7, 2.14 or later wherever peers can connect.
 *
 * Four accounts that share nothing but what is written here: SYS without users; NODE for the services of the node; FED
 * with the signed log, for the federation service alone; PEERS with one NKey user per peer, who can ask for a consumer,
 * pull from that one consumer and ask for ranges. No routes, gateways or leaf nodes, no deny lists, no anonymous user.
 *
 * @throws InvariantError where a name, key or address could mean something else inside the text.
 */
export function natsConfig(options: NatsConfigOptions): string {
  const { serverName, listen, storeDir, nodePassword, federationUserPublicNkey, peers, tls, durable = true } = options;
  invariant(LISTEN.test(listen), 'a listen address is host:port');
  invariant(new Set(peers.map(({ nodeId }) => nodeId)).size === peers.length, 'a peer is listed once');
  return `server_name: ${quoted(serverName)}
listen: ${quoted(listen)}
# Holds for everybody; peers are bounded below, and no entry of the log exceeds 64 KiB.
max_payload: ${NODE_PAYLOAD}
max_control_line: 4KB
max_pending: 64MB
ping_interval: "5s"
ping_max: 2
write_deadline: "5s"
# A service that starts on a busy machine may take a while to answer the challenge.
authorization { timeout: 20 }
${tls === undefined ? '' : tlsBlock(tls)}jetstream {
${storeDir === undefined ? '' : `  store_dir: ${quoted(storeDir)}\n`}${durable ? '  sync_interval: always\n' : ''}}
accounts {
  SYS {}
  NODE {
    jetstream: enabled
    users: [ { user: node, password: ${quoted(nodePassword)} } ]
  }
  FED {
    jetstream: { max_streams: 10, max_consumers: 2000 }
    users: [ { nkey: ${checkNkey(federationUserPublicNkey)} } ]
    exports: [
      { service: "$JS.API.CONSUMER.MSG.NEXT.FEDLOG.*", response_type: stream, accounts: [PEERS] }
      { service: "$JS.API.CONSUMER.INFO.FEDLOG.*", accounts: [PEERS] }
      { service: "fedapi.>", response_type: stream, accounts: [PEERS] }
    ]
  }
${peersAccount(peers)}
}
system_account: SYS
`;
}
