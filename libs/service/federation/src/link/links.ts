import { Injectable, Logger } from '@nestjs/common';
import { RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { LogGate } from '../log/log-gate.js';
import { PeerDirectory, type Peer } from '../peers/peer-directory.js';
import { Link } from './link.js';
import { LinkSurroundings } from './link-surroundings.js';

const CHECK_MS = 500;

/** Keeps one link to every peer of the directory that has an address, and none to others. */
@Injectable()
export class Links implements Duty {
  private readonly logger = new Logger(Links.name);
  private readonly running = new Map<string, Link>();
  private task: RepeatingTask | undefined;
  private isReset = false;
  private unwatch: (() => void) | undefined;

  constructor(private readonly gate: LogGate, private readonly peers: PeerDirectory, private readonly around: LinkSurroundings) {}

  start(): void {
    this.isReset = false;
    const task = new RepeatingTask('keeping links', () => this.keep(), { pauseMs: CHECK_MS, logger: this.logger });
    this.unwatch = this.peers.watch(() => task.nudge());
    this.task = task;
    task.start();
  }

  async stop(): Promise<void> {
    this.unwatch?.();
    await this.task?.stop();
    await Promise.all([...this.running.values()].map((link) => link.stop()));
    this.running.clear();
  }

  /** Brings the running links in line with the directory. While the log is closed there are none. */
  private async keep(): Promise<boolean> {
    if (!this.isReset) await this.around.links.reset();
    this.isReset = true;
    const wanted = new Map((this.gate.isOpen ? this.peers.linked() : []).map((peer) => [peer.nodeId, peer]));
    for (const [nodeId, link] of this.running) if (!isSame(link.peer, wanted.get(nodeId)) || await this.isReleased(link)) await this.end(nodeId, link);
    for (const peer of wanted.values()) if (!this.running.has(peer.nodeId)) await this.begin(peer);
    return false;
  }

  /** True where a link has ended because its peer was frozen, and people have decided to go on. */
  private async isReleased({ hasEnded, peer }: Link): Promise<boolean> {
    return hasEnded && (await this.around.log.issuerLog(peer.nodeId)).agreedUpTo === undefined;
  }

  private async begin(peer: Peer): Promise<void> {
    await this.around.links.add(peer.nodeId, peer.name);
    const link = new Link(peer, this.around);
    this.running.set(peer.nodeId, link);
    link.start();
  }

  private async end(nodeId: string, link: Link): Promise<void> {
    this.running.delete(nodeId);
    await link.stop();
  }
}

const isSame = (left: Peer, right: Peer | undefined): boolean => JSON.stringify(left) === JSON.stringify(right);
