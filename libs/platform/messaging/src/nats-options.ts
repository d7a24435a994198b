import type { ConnectionOptions } from '@nats-io/transport-node';

/** Connection options of a NATS address; user and password stand in the address. Reconnects for ever. */
export function natsOptions(url: string, name: string): ConnectionOptions {
  const { protocol, host, username, password } = new URL(url);
  return {
    servers: `${protocol}//${host}`,
    ...(username !== '' && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    // A server that offers TLS to peers is still reached plainly where the address says so; left out, the client would take the offer.
    tls: protocol === 'tls:' ? {} : null,
    name, maxReconnectAttempts: -1, reconnectTimeWait: 250, reconnectJitter: 100, waitOnFirstConnect: true,
    pingInterval: 5_000, maxPingOut: 2, ignoreClusterUpdates: true,
  };
}
