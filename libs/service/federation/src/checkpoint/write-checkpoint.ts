import { Injectable } from '@nestjs/common';
import { logCheckpoint } from '@kula/contracts';
import { checkpointDraft, liveItems, type LogItem } from '@kula/kernel-federation-log';
import { Clock } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { LogClosedError, LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { OwnEntries } from '../sealing/own-entries.js';
import { CheckpointGround } from './checkpoint-ground.js';
import { LogItems } from './log-items.js';

const DAY_MS = 24 * 3_600_000;

/** Writes a checkpoint of this node's own log where one is due. */
@Injectable()
export class WriteCheckpoint {
  /** Head at which nothing was found dead: not looked at again before there is more, or a day has passed. */
  private clean: { readonly seq: number; readonly atMs: number } | undefined;

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly ownEntries: OwnEntries,
    private readonly items: LogItems, private readonly clock: Clock, private readonly ground: CheckpointGround,
  ) {}

  /** Answers the number of the checkpoint; undefined where none is due. @throws LogClosedError. */
  async handle(): Promise<number | undefined> {
    if (!this.gate.isSealing || !await this.isDue()) return undefined;
    const read: LogItem[] = [];
    return this.log.storing(() => this.write(read));
  }

  /** @param items those read so far: of a log that grows meanwhile, an attempt after another one reads only what is new. */
  private async write(items: LogItem[]): Promise<number | undefined> {
    this.gate.assertSealing();
    const { head, schedule } = await this.log.nodeLog(this.own.nodeId);
    if (!this.own.confirmKey(schedule)) throw new LogClosedError('the log has changed to another key');
    if (head === undefined) return undefined;
    for (const item of await this.items.between(this.own.nodeId, (items.at(-1)?.seq ?? 0) + 1, head.seq + 1)) items.push(item);
    const at = { ts: this.clock.now().getTime() };
    const draft = hasDead(items, at) ? checkpointDraft(this.own.nodeId, items, at) : undefined;
    if (draft === undefined) {
      this.clean = { seq: head.seq, atMs: at.ts };
      return undefined;
    }
    await this.ownEntries.add(draft, this.own.sealer, { head, schedule });
    this.clean = undefined;
    return head.seq + 1;
  }

  private async isDue(): Promise<boolean> {
    const { head } = await this.log.issuerLog(this.own.nodeId);
    const ground = await this.ground.read(this.own.nodeId);
    if (head === undefined || ground === undefined) return false;
    const from = this.clean === undefined || this.clean.seq < ground.seq ? ground : { ...this.clean, entriesMin: ground.entriesMin };
    const since = head.seq - from.seq;
    return since >= ground.entriesMin || this.clock.now().getTime() - from.atMs >= DAY_MS;
  }
}

/** True where a checkpoint would make anything dead beside older checkpoints: else the log would grow by them alone. */
function hasDead(items: readonly LogItem[], at: { readonly ts: number }): boolean {
  const live = new Set(liveItems(items, at));
  return items.some((item) => !live.has(item) && item.type !== logCheckpoint.type);
}
