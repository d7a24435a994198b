import { Injectable } from '@nestjs/common';
import { nodeAnnounced } from '@kula/contracts';
import { sealBatch, type EntryBody } from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import { UnitOfWork } from '@kula/platform-persistence';
import { Clock, nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';

/** Writes the first entry of this node's log: who the node is. Does nothing where the log has begun. */
@Injectable()
export class AnnounceNode {
  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async handle(): Promise<void> {
    await this.log.storing(async () => {
      this.gate.assertOpen();
      const { head } = await this.log.issuerLog(this.own.nodeId);
      if (head !== undefined) return;
      const draft = {
        topic: nodeAnnounced.topic, type: nodeAnnounced.type, sub: this.own.nodeId, ts: this.clock.now().getTime(),
        body: this.own.announcement as EntryBody,
      };
      const [sealed] = sealBatch(nodeEd25519, this.own.sealer, undefined, [draft]).entries;
      invariant(sealed !== undefined, 'settings that were checked make an announcement that can be sealed');
      const { seq, hash, jws } = sealed;
      const { topic, type, sub: subject, ts } = draft;
      await this.unitOfWork.run((tx) => this.log.append(this.own.nodeId, undefined, [{ seq, hash, jws, topic, type, subject, ts, draftId: null }], tx));
    });
  }
}
