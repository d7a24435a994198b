import { connect, createServer, type Server, type Socket } from 'node:net';

/** A cable between two nodes that can be cut and healed: forwards TCP to the peer's nats-server. */
export class LinkProxy {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private refusedCount = 0;

  private constructor(private readonly server: Server, readonly port: number) {}

  /** Listens on a free local port and forwards to the target. */
  static async open(targetPort: () => number): Promise<LinkProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const proxy = new LinkProxy(server, address.port);
    server.on('connection', (socket) => proxy.forward(socket, targetPort()));
    return proxy;
  }

  /** Connections refused while the link was cut. */
  get refused(): number { return this.refusedCount; }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  heal(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => { this.server.close(() => resolve()); });
  }

  private forward(from: Socket, port: number): void {
    if (this.isCut) {
      this.refusedCount += 1;
      from.destroy();
      return;
    }
    const to = connect(port, '127.0.0.1');
    const pairs = [[from, to], [to, from]] as const;
    for (const [one, other] of pairs) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => { this.sockets.delete(one); other.destroy(); });
      one.pipe(other);
    }
  }
}
