import { invariant } from '@kula/kernel-primitives';
import { PEER_PAYLOAD_BYTES_MAX, PEER_SUBSCRIPTIONS_MAX } from './admission/peer-grant.js';

/** What a node's nats-server is told. It needs to be told once: peers come and go without it. */
export interface NatsConfigOptions {
  readonly serverName: string;
  /** `host:port` for clients and peers. */
  readonly listen: string;
  /** Folder of the streams. Left out where the command line names it: the server refuses to be told twice. */
  readonly storeDir?: string;
  /** Password of the user `node`, with which the services of the node connect. */
  readonly nodePassword: string;
  /** Public NKey (U…) of the node's own federation service, the only user of the account that holds the log. */
  readonly federationUserPublicNkey: string;
  /** Public NKey (U…) with which the federation service ends connections of peers. Another one: a key belongs to one account. */
  readonly systemUserPublicNkey: string;
  /** Public account NKey (A…) whose holder, the federation service, says which peers may connect. */
  readonly admissionIssuerPublicNkey: string;
  /** Connections of all peers together. Default 2,000. */
  readonly peerConnectionsMax?: number;
  /**
   * Certificate for peers; without it the server speaks plain TCP and belongs behind one that does not. With it the server
   * still takes plain connections, for the services beside it: the federation service refuses peers who come without TLS.
   */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** False lets the server answer before the disk has it: a power failure may then take the last messages back. Default true. */
  readonly durable?: boolean;
}

/** Largest message inside the node. */
const NODE_PAYLOAD = '1MB';
const PEER_CONNECTIONS_MAX = 2_000;
const LISTEN = /^[A-Za-z0-9.:[\]-]+:-?[0-9]+$/;

/** What a peer may call, renamed on the way: under `$JS.API` an account without JetStream would answer for itself. */
const EXPORTED_API = ['CONSUMER.MSG.NEXT.FEDLOG.*', 'CONSUMER.INFO.FEDLOG.*'];

const quoted = (text: string): string => {
  invariant(!/[\p{Cc}]/u.test(text), 'a text of the configuration has no control characters');
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
};

function checkNkey(kind: 'U' | 'A', key: string): string {
  invariant(key.startsWith(kind) && /^[A-Z2-7]{56}$/.test(key), `the public NKey is ${kind} and 55 letters of base32`);
  return key;
}

const tlsBlock = ({ certFile, keyFile }: { readonly certFile: string; readonly keyFile: string }): string =>
  `tls { cert_file: ${quoted(certFile)}, key_file: ${quoted(keyFile)}, timeout: 5 }\n# For the services beside it; peers without TLS are refused by the federation service.\nallow_non_tls: true\n`;

function peersAccount(connectionsMax: number): string {
  invariant(Number.isSafeInteger(connectionsMax) && connectionsMax > 0, 'a number of connections is a whole number above zero');
  const imports = EXPORTED_API.map((api) => `      { service: { account: FED, subject: "$JS.API.${api}" }, to: "fedjs.${api}" }`);
  return `  # Peers live apart from the log: no JetStream, no stream and no user of their own, three renamed doors into FED.
  PEERS {
    limits { max_payload: ${PEER_PAYLOAD_BYTES_MAX}, max_subscriptions: ${PEER_SUBSCRIPTIONS_MAX * connectionsMax}, max_connections: ${connectionsMax} }
    imports: [
${imports.join('\n')}
      { service: { account: FED, subject: "fedapi.>" } }
    ]
  }`;
}

/** Everybody but these users is asked about, at whoever holds the issuer's key. */
function admission(issuer: string, users: readonly string[]): string {
  return `authorization {
  # A service that starts on a busy machine may take a while to answer the challenge. Nor does the server end before this time is
  # over where it has asked about somebody and nobody answers.
  timeout: 10
  auth_callout { issuer: ${issuer}, account: FED, auth_users: [ ${users.join(', ')} ] }
}`;
}

/**
 * Configuration text of a node's nats-server, 2.12.7, 2.14 or later wherever peers can connect.
 *
 * Four accounts that share nothing but what is written here: SYS with one user who can list and end connections; NODE for the
 * services of the node; FED with the signed log, for the federation service alone; PEERS without users: the federation service
 * places each peer there when it connects (`PeerAdmission`, ADR 0009). No routes, gateways or leaf nodes, no deny lists, no
 * anonymous user.
 *
 * @throws InvariantError where a name, key or address could mean something else inside the text.
 */
export function natsConfig({
  serverName, listen, storeDir, nodePassword, federationUserPublicNkey, systemUserPublicNkey, admissionIssuerPublicNkey, tls, ...limits
}: NatsConfigOptions): string {
  const { durable = true, peerConnectionsMax = PEER_CONNECTIONS_MAX } = limits;
  const [federation, system, issuer] = [checkNkey('U', federationUserPublicNkey), checkNkey('U', systemUserPublicNkey), checkNkey('A', admissionIssuerPublicNkey)];
  invariant(LISTEN.test(listen), 'a listen address is host:port');
  invariant(federation !== system, 'a user belongs to one account');
  return `server_name: ${quoted(serverName)}
listen: ${quoted(listen)}
# Holds for everybody; peers are bounded below, and no entry of the log exceeds 64 KiB.
max_payload: ${NODE_PAYLOAD}
max_control_line: 4KB
max_pending: 64MB
ping_interval: "5s"
ping_max: 2
write_deadline: "5s"
${admission(issuer, ['node', federation, system])}
${tls === undefined ? '' : tlsBlock(tls)}jetstream {
${storeDir === undefined ? '' : `  store_dir: ${quoted(storeDir)}\n`}${durable ? '  sync_interval: always\n' : ''}}
accounts {
  SYS {
    users: [ { nkey: ${system}, permissions {
      publish { allow: ["$SYS.REQ.ACCOUNT.PEERS.CONNZ", "$SYS.REQ.SERVER.*.KICK"] }
      subscribe { allow: ["_INBOX.>"] } } } ]
  }
  NODE {
    jetstream: enabled
    users: [ { user: node, password: ${quoted(nodePassword)} } ]
  }
  FED {
    jetstream: { max_streams: 10, max_consumers: 2000 }
    users: [ { nkey: ${federation} } ]
    exports: [
      { service: "$JS.API.CONSUMER.MSG.NEXT.FEDLOG.*", response_type: stream, accounts: [PEERS] }
      { service: "$JS.API.CONSUMER.INFO.FEDLOG.*", accounts: [PEERS] }
      { service: "fedapi.>", response_type: stream, accounts: [PEERS] }
    ]
  }
${peersAccount(peerConnectionsMax)}
}
system_account: SYS
`;
}
