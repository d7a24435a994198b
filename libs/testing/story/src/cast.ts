import { walletOf, type Wallet } from '@kula/testing-fixtures';
import type { Dataset } from './dataset.js';
import { NodeClient } from './node-client.js';

/** A node of the story, as its people see it. */
export interface StoryNode {
  readonly name: string;
  readonly title: string;
  readonly nodeId: string;
  readonly gatewayUrl: string;
  readonly operator: Wallet;
}

/** Somebody of the story at the door of the home node, with the key in hand. */
export interface Actor {
  readonly key: string;
  readonly name: string;
  readonly did: string;
  readonly node: StoryNode;
  readonly wallet: Wallet;
  readonly client: NodeClient;
}

/** Everybody of a dataset. Keys follow from names, so that playing the story again is the same story. */
export class Cast {
  private readonly actors = new Map<string, Actor>();

  constructor(readonly dataset: Dataset, readonly nodes: readonly StoryNode[]) {
    for (const { node, key, name } of dataset.cooperatives) this.add(key, name, this.nodeNamed(node), walletOf(`cooperative ${key}`));
    for (const { key, name, cooperative } of dataset.members) this.add(key, name, this.actor(cooperative).node, walletOf(`member ${key}`));
  }

  /** The actor of that key in the dataset. @throws Error where there is none. */
  actor(key: string): Actor {
    const found = this.actors.get(key);
    if (found === undefined) throw new Error(`the dataset has nobody called ${key}`);
    return found;
  }

  /** The actor who holds this did. */
  byDid(did: string): Actor {
    const found = [...this.actors.values()].find((actor) => actor.did === did);
    if (found === undefined) throw new Error(`nobody of the dataset holds ${did}`);
    return found;
  }

  get cooperatives(): readonly Actor[] { return this.dataset.cooperatives.map(({ key }) => this.actor(key)); }
  get members(): readonly Actor[] { return this.dataset.members.map(({ key }) => this.actor(key)); }

  /** The operator of a node at its door. */
  operatorOf(node: StoryNode): NodeClient {
    return new NodeClient(node.gatewayUrl, node.nodeId, node.operator);
  }

  nodeNamed(name: string): StoryNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no node is called ${name}`);
    return found;
  }

  /** Title of the node with this id. */
  titleOf(nodeId: string): string {
    return this.nodes.find((node) => node.nodeId === nodeId)?.title ?? nodeId;
  }

  private add(key: string, name: string, node: StoryNode, wallet: Wallet): void {
    if (this.actors.has(key)) throw new Error(`the dataset has two called ${key}`);
    this.actors.set(key, { key, name, did: wallet.did, node, wallet, client: new NodeClient(node.gatewayUrl, node.nodeId, wallet) });
  }
}
