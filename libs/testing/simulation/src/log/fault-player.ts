import { cursorFaults } from './check-outcome.js';
import type { HonestNode } from './node/honest-node.js';
import { copyOf, newStream, type Disks } from './node/disks.js';
import type { Fault, Plan } from './plan.js';
import type { World } from './world.js';

const RESTART_MS = 1_000;

/** Has the faults of a plan happen. */
export class FaultPlayer {
  private readonly backups = new Map<Fault, Disks>();

  constructor(private readonly plan: Plan, private readonly nodes: readonly HonestNode[], private readonly world: World) {}

  arrange(): void {
    const { scheduler } = this.world;
    for (const fault of this.plan.faults) {
      if (fault.what === 'restore') scheduler.after(fault.backupAt, () => { this.backups.set(fault, copyOf(this.nodes[fault.node]!.keeper.disks)); });
      scheduler.after(fault.at, () => this.happen(fault));
    }
  }

  private happen(fault: Fault): void {
    if ('one' in fault) return this.onCable(fault);
    const node = this.nodes[fault.node]!;
    if (fault.what === 'restore') return this.restore(node, fault);
    if (!node.isUp) return undefined;
    if (fault.what === 'checkpoint') return node.checkpoint();
    if (fault.what === 'forget') return node.forget();
    if (fault.what === 'rotates' || fault.what === 'recovers') return node.sealing.demandKey(fault.what === 'recovers');
    return this.stop(node, fault);
  }

  private onCable(fault: Fault & { readonly what: 'cut' | 'heal' }): void {
    const { network, diary } = this.world;
    const [one, other] = [this.nodes[fault.one]!.name, this.nodes[fault.other]!.name];
    if (fault.what === 'heal') network.heal(one, other);
    else if (network.cut(one, other)) diary.note('cable cut', () => `the cable between ${one} and ${other} is cut`);
  }

  private stop(node: HonestNode, fault: Fault): void {
    const { scheduler, diary } = this.world;
    const forMs = fault.what === 'crash' ? fault.forMs : RESTART_MS;
    node.crash();
    const { disks } = node.keeper;
    if (fault.what === 'losesStream') disks.stream = newStream(disks.stream.epoch + 1);
    diary.note(fault.what === 'losesStream' ? 'stream lost' : 'crash', () => `${node.name} stops for ${forMs} ms${fault.what === 'losesStream' ? ' and has lost its stream' : ''}`);
    const { life } = node;
    scheduler.after(forMs, () => { if (!node.isUp && node.life === life) this.start(node); });
  }

  /** Starts a node with whatever its disks have kept. */
  start(node: HonestNode): void {
    this.world.diary.tell(() => `${node.name} starts with ${node.keeper.own.head?.seq ?? 0} own entries`);
    for (const fault of cursorFaults(node, this.nodes)) this.world.witness.violate(fault);
    node.start();
  }

  /** An operator puts an old backup back, and sees to it that the node reaches its peers: see docs/protocol, "After a restore". */
  private restore(node: HonestNode, { isWithStream, ...fault }: Fault & { readonly what: 'restore' }): void {
    const backup = [...this.backups].find(([{ at }]) => at === fault.at)?.[1];
    if (backup === undefined) return;
    node.crash();
    node.isStreamRestored ||= isWithStream;
    node.keeper.disks = isWithStream ? backup : { database: backup.database, stream: node.keeper.disks.stream };
    this.world.diary.note(isWithStream ? 'restore with stream' : 'restore without stream', () => `${node.name} is restored from ${fault.backupAt} ms`);
    for (const peer of this.nodes) this.world.network.heal(node.name, peer.name);
    for (const peer of this.nodes) if (!peer.isUp && peer !== node) this.start(peer);
    this.start(node);
  }
}
