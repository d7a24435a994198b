import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Closes a connection one turn of the event loop later.
 *
 * The client takes its error handler off the socket while it closes. A command still on its way to a socket that the
 * other side has just ended fails after that, with nobody listening, and such an error ends the process.
 */
export async function closeConnection(connection: NatsConnection): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await connection.close();
}
