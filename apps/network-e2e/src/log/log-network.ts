import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevNetwork, type NodeSpec } from '@kula/testing-dev-network';
import { LogNode } from './log-node.js';

/** Set to a folder to keep what nodes leave behind, for looking into a failure. */
const KEPT = process.env['KULA_FAULT_DIR'];

export interface LogNetworkOptions {
  readonly names: readonly string[];
  /** Pairs that are linked; every pair where absent. */
  readonly links?: readonly (readonly [string, string])[];
  readonly view?: 'own' | 'all';
  /** True where servers are killed: what was committed then survives. Default: false, quicker. */
  readonly durable?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Nodes that run their federation service and the counting consumer, and nothing else. */
export class LogNetwork {
  private constructor(readonly network: DevNetwork, readonly nodes: readonly LogNode[], readonly dir: string) {}

  static async start({ names, links, view = 'own', durable = false, settings = {} }: LogNetworkOptions): Promise<LogNetwork> {
    const dir = mkdtempSync(join(KEPT ?? tmpdir(), 'kula-log-'));
    const nodes: NodeSpec[] = names.map((name) => ({ name, title: name, processes: 'each', services: ['federation'], isCounted: true, view, settings }));
    const network = await DevNetwork.start({ nodes, dir, durable, ...(links && { links }) });
    return new LogNetwork(network, await Promise.all(network.nodes.map((node) => LogNode.open(node))), dir);
  }

  /** The node of that name. @throws Error where there is none. */
  node(name: string): LogNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no node is called ${name}`);
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.network.stop();
    if (KEPT === undefined) rmSync(this.dir, { recursive: true, force: true });
  }
}
