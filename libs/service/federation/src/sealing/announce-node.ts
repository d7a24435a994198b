import { Injectable } from '@nestjs/common';
import { nodeAnnounced } from '@kula/contracts';
import type { EntryBody } from '@kula/kernel-federation-log';
import { Clock } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { OwnEntries } from './own-entries.js';

/** Writes the first entry of this node's log: who the node is. Does nothing where the log has begun, or where the first key is not at hand. */
@Injectable()
export class AnnounceNode {
  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly ownEntries: OwnEntries,
    private readonly clock: Clock,
  ) {}

  async handle(): Promise<void> {
    await this.log.storing(async () => {
      this.gate.assertMet('log');
      const { head, schedule } = await this.log.nodeLog(this.own.nodeId);
      const sealer = this.own.sealerFor(schedule);
      if (head !== undefined || sealer === undefined) return;
      await this.ownEntries.add({
        topic: nodeAnnounced.topic, type: nodeAnnounced.type, sub: this.own.nodeId, ts: this.clock.now().getTime(),
        body: this.own.announcement as EntryBody,
      }, sealer, { head, schedule });
    });
  }
}
