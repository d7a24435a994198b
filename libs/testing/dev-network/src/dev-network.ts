import { join } from 'node:path';
import { freePort } from '@kula/testing-servers';
import { walletOf, type Wallet } from '@kula/testing-fixtures';
import { allDone } from './all-done.js';
import { DevNode, type NodePart, type NodeSpec, type PeerSpec } from './dev-node.js';
import { LinkProxy } from './link-proxy.js';
import { nodeSecrets, publicNkey, type NodeSecrets } from './node-secrets.js';

/** How often the network looks for parts that somebody killed. */
const WATCH_MS = 250;
const STARTED_AT_ONCE = 4;

export interface NetworkOptions {
  readonly nodes: readonly NodeSpec[];
  /** Where everything is kept. Starting again on the same folder goes on where it stopped. */
  readonly dir: string;
  /** True: a commit survives a crash of the machine. False: quicker, for tests. */
  readonly durable: boolean;
  /** Pairs of nodes that are linked, both ways. Default: every pair. */
  readonly links?: readonly (readonly [string, string])[];
  /** Receives one line per step. */
  readonly report?: (line: string) => void;
}

/** n whole nodes, each with its own Postgres, nats-server and services, linked through cuttable cables: in a full mesh, or as asked. */
export class DevNetwork {
  private readonly cables = new Map<string, LinkProxy>();
  private watching: NodeJS.Timeout | undefined;
  private readonly reviving = new Set<string>();
  private isStopping = false;

  private constructor(
    readonly nodes: readonly DevNode[], private readonly isLinked: (one: string, other: string) => boolean, private readonly report: (line: string) => void,
  ) {}

  /** Boots the network and resolves when every service of every node answers. */
  static async start({ nodes: specs, dir, durable, links, report = () => undefined }: NetworkOptions): Promise<DevNetwork> {
    const secrets = new Map<string, NodeSecrets>();
    for (const { name } of specs) {
      const peers = specs.map((spec) => spec.name).filter((peer) => peer !== name);
      secrets.set(name, nodeSecrets(join(dir, name, 'secrets.json'), peers, { gateway: await freePort(), nats: await freePort() }));
    }
    const of = (name: string): NodeSecrets => {
      const found = secrets.get(name);
      if (found === undefined) throw new Error(`no node is called ${name}`);
      return found;
    };
    const nodes = specs.map((spec) => new DevNode({
      spec, durable, secrets: of(spec.name), operatorId: DevNetwork.operator(spec.name).did, network: 'kula-dev', dir: join(dir, spec.name),
    }));
    const isLinked = (one: string, other: string) => links === undefined || links.some((pair) => pair.includes(one) && pair.includes(other));
    const network = new DevNetwork(nodes, isLinked, report);
    try {
      await network.lay(of);
    } catch (error) {
      await network.stop();
      throw error;
    }
    return network;
  }

  /** The operator's key of a node: fixed by the node's name, for demonstrations. */
  static operator(name: string): Wallet {
    return walletOf(`operator of ${name}`);
  }

  /** The node of that name. @throws Error where there is none. */
  node(name: string): DevNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no node is called ${name}`);
    return found;
  }

  /** Cuts the link between two nodes, both ways. */
  cut(one: string, other: string): void {
    for (const cable of this.between(one, other)) cable.cut();
  }

  /** Heals the link between two nodes, both ways. */
  heal(one: string, other: string): void {
    for (const cable of this.between(one, other)) cable.heal();
  }

  /** Restarts from now on every part that dies by other hands than ours. */
  watch(): void {
    this.watching ??= setInterval(() => { for (const node of this.nodes) for (const part of node.fallenParts()) void this.revive(node, part); }, WATCH_MS);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.watching);
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all([...this.cables.values()].map((cable) => cable.close()));
  }

  private async lay(secretsOf: (name: string) => NodeSecrets): Promise<void> {
    for (const from of this.nodes) {
      for (const to of this.nodes) {
        if (from !== to && this.isLinked(from.name, to.name)) this.cables.set(`${from.name}>${to.name}`, await LinkProxy.open(() => to.natsPort));
      }
    }
    // A few at a time: servers that all start at once starve each other.
    const waiting = [...this.nodes];
    const lane = async () => {
      for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
        await node.start(this.peersOf(node, secretsOf));
        this.report(`${node.title} is up: ${node.gatewayUrl}`);
      }
    };
    await allDone(Array.from({ length: STARTED_AT_ONCE }, lane));
  }

  private peersOf(node: DevNode, secretsOf: (name: string) => NodeSecrets): PeerSpec[] {
    return this.nodes.filter((peer) => peer !== node && !peer.isUnlisted && !node.isUnlisted).map((peer) => {
      const seed = secretsOf(peer.name).linkNkeys[node.name];
      const cable = this.cables.get(`${node.name}>${peer.name}`);
      if (seed === undefined) throw new Error(`the link from ${node.name} to ${peer.name} is not laid`);
      return { name: peer.name, nodeId: peer.nodeId, linkPort: cable?.port ?? null, publicNkey: publicNkey(seed), certificate: secretsOf(peer.name).link.certificate };
    });
  }

  private between(one: string, other: string): LinkProxy[] {
    return [`${one}>${other}`, `${other}>${one}`].map((name) => this.cables.get(name)).filter((cable) => cable !== undefined);
  }

  private async revive(node: DevNode, part: NodePart): Promise<void> {
    const name = `${node.name}/${part}`;
    if (this.reviving.has(name) || this.isStopping) return;
    this.reviving.add(name);
    this.report(`${part} of ${node.title} died; starting it again`);
    try {
      await node.startPart(part);
      this.report(`${part} of ${node.title} is back`);
    } catch (error) {
      this.report(`${part} of ${node.title} did not come back: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.reviving.delete(name);
    }
  }
}
