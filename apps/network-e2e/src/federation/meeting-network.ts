import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { DevNetwork, workspaceRoot, type DevNode, type NodeSpec } from '@kula/testing-dev-network';
import { Cast, CHAPTERS, contracts, NodeClient, readDataset, silentTeller, type Dataset, type StoryNode } from '@kula/testing-story';
import { until } from '../log/until.js';

export const NAMES = ['north', 'south', 'east'] as const;
export type Name = (typeof NAMES)[number];

/** North reads as a relay what south holds. East runs a process for each service and knows nobody, as nobody knows it. */
const SPECS: readonly NodeSpec[] = [
  { name: 'north', title: 'north', processes: 'one', view: 'all' },
  { name: 'south', title: 'south', processes: 'one' },
  { name: 'east', title: 'east', processes: 'each', isUnlisted: true },
];

/** Set to a folder to keep what the nodes leave behind, for looking into a failure. */
const KEPT = process.env['KULA_E2E_DIR'];

const run = promisify(execFile);

type Entry = z.output<typeof contracts.federation.logEntry>;
type Peer = z.output<typeof contracts.federation.peer>;

/** Three whole nodes with their people, of which one meets the two others while they run. */
export class MeetingNetwork {
  readonly cast: Cast;
  /** All times the people write follow from this one. */
  readonly startedAt = new Date();
  private readonly dataset = readDataset(join(workspaceRoot(), 'libs/testing/story/dataset/three-cooperatives.json'));

  private constructor(readonly network: DevNetwork, private readonly dir: string) {
    this.cast = new Cast(this.dataset, this.storyNodes(NAMES));
  }

  static async start(): Promise<MeetingNetwork> {
    const dir = mkdtempSync(join(KEPT ?? tmpdir(), 'kula-meeting-'));
    try {
      return new MeetingNetwork(await DevNetwork.start({ nodes: SPECS, dir, durable: true }), dir);
    } catch (error) {
      if (KEPT === undefined) rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  node(name: Name): DevNode { return this.network.node(name); }
  idOf(name: Name): string { return this.node(name).nodeId; }

  /** The operator at the door of a node, signed in anew. */
  operator(name: Name): NodeClient {
    return new NodeClient(this.node(name).gatewayUrl, this.idOf(name), DevNetwork.operator(name));
  }

  /** What the peers command says to the operator of a node. @throws Error with its words where it fails. */
  async peersCommand(at: Name, ...args: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', KULA_GATEWAY_URL: this.node(at).gatewayUrl, KULA_TOKEN: await this.operator(at).bearer() };
    const { stdout } = await run(process.execPath, [join(workspaceRoot(), 'tools/operator/peers-cli/main.mjs'), ...args], { env, cwd: this.dir });
    return stdout;
  }

  /** How one node stands to another, as its operator sees it. */
  async peer(at: Name, other: Name): Promise<Peer> {
    return this.operator(at).get(`/v1/peers/${this.idOf(other)}`, contracts.federation.getPeer);
  }

  /** Waits until the operator of one node sees the other in a state, and with the link in one where that is named. */
  async sees(at: Name, other: Name, state: string, link?: string): Promise<Peer> {
    return until(`${at} to see ${other} as ${state}${link === undefined ? '' : ` and ${link}`}`, async () => {
      const peer = await this.peer(at, other);
      return peer.state === state && (link === undefined || peer.link.state === link) && peer;
    });
  }

  /** Announces the cooperatives and members of some nodes, and waits until each of these nodes knows all of them. */
  async announce(...names: readonly Name[]): Promise<void> {
    const cooperatives = this.dataset.cooperatives.filter(({ node }) => names.includes(node as Name));
    const members = this.dataset.members.filter(({ cooperative }) => cooperatives.some(({ key }) => key === cooperative));
    const here: Dataset = { ...this.dataset, cooperatives, members, listings: [], secondRound: [] };
    await this.play('announce', new Cast(here, this.storyNodes(names)));
  }

  /** Has everybody carry out what has been agreed, until no chain is open at any node. */
  async carryOut(): Promise<void> {
    await this.play('carry-out', this.cast);
  }

  /** Every entry of an issuer that a node holds, in order, read over its door. */
  async entries(at: Name, issuer: Name): Promise<Entry[]> {
    const [items, client]: [Entry[], NodeClient] = [[], this.operator(at)];
    for (let from: number | null = 1; from !== null;) {
      const page: z.output<typeof contracts.federation.listEntries.output> =
        await client.get(`/v1/federation/entries?issuer=${this.idOf(issuer)}&from=${from}&limit=200`, contracts.federation.listEntries);
      items.push(...page.items);
      from = page.nextFrom;
    }
    return items;
  }

  /** How many entries of an issuer a node holds. */
  async headOf(issuer: Name, at: Name = issuer): Promise<number> {
    const { heads } = await this.operator(at).get('/v1/federation', contracts.federation.getFederationStatus);
    return heads.find((head) => head.issuer === this.idOf(issuer))?.seq ?? 0;
  }

  /** Waits until every node holds of every log what its issuer has sealed, and answers the logs of each as it holds them. */
  async settled(): Promise<readonly (readonly Entry[])[][]> {
    await until('every node to hold every log to its end', async () => {
      for (const issuer of NAMES) {
        const heads = await Promise.all(NAMES.map((at) => this.headOf(issuer, at)));
        if (heads.some((head) => head === 0 || head !== heads[0])) return false;
      }
      return true;
    });
    return Promise.all(NAMES.map((at) => Promise.all(NAMES.map((issuer) => this.entries(at, issuer)))));
  }

  async stop(): Promise<void> {
    await this.network.stop();
    if (KEPT === undefined) rmSync(this.dir, { recursive: true, force: true });
  }

  private storyNodes(names: readonly Name[]): StoryNode[] {
    return names.map((name) => {
      const { title, nodeId, gatewayUrl } = this.node(name);
      return { name, title, nodeId, gatewayUrl, operator: DevNetwork.operator(name) };
    });
  }

  private async play(chapter: string, cast: Cast): Promise<void> {
    const found = CHAPTERS.find(({ name }) => name === chapter);
    if (found === undefined) throw new Error(`the story has no chapter ${chapter}`);
    await found.play({ cast, startedAt: this.startedAt, teller: silentTeller });
  }
}
