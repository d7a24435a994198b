import { Injectable, Logger } from '@nestjs/common';
import { keyRecovered, keyRotated } from '@kula/contracts';
import {
  commitmentTo, kidOf, lastKey, recoveryBody, rotationBody, type Head, type KeySchedule, type NextKey,
} from '@kula/kernel-federation-log';
import { Clock, nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { LogGate } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { OwnEntries, type OwnPlace } from './own-entries.js';

/**
 * Brings the log to the key this node was told to sign with, and lets it sign once the two agree.
 *
 * The change is one entry: by the previous key where that is at hand, else by the recovery key the log has committed to.
 * After a crash the log says whether it has been written: then there is nothing to do. Without either key nothing is signed.
 */
@Injectable()
export class ConfirmKey {
  private readonly logger = new Logger(ConfirmKey.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly ownEntries: OwnEntries,
    private readonly clock: Clock,
  ) {}

  /** Answers whether the key is the log's. @throws LogClosedError. */
  async handle(): Promise<boolean> {
    const fault = await this.log.storing(async () => {
      this.gate.assertMet('log');
      const { head, schedule } = await this.log.nodeLog(this.own.nodeId);
      if (this.own.confirmKey(schedule)) return null;
      return head === undefined ? 'the log has not begun, and its first key is not among those given' : this.change(schedule, head);
    });
    if (fault === null) await this.gate.letSeal('key');
    else await this.gate.holdSealing(fault, 'key');
    return fault === null;
  }

  /** Writes the change of keys. Answers what is wrong where it cannot be written. */
  private async change(schedule: KeySchedule, head: Head): Promise<string | null> {
    const { keys, nodeId } = this.own;
    const { keyNo } = lastKey(schedule);
    const [publicKey] = this.own.publicKeys;
    const used = schedule.keys.find((key) => Buffer.compare(key.publicKey, publicKey!) === 0);
    if (used !== undefined) return `KULA_NODE_KEY is key ${used.keyNo} of this node, which key ${keyNo} has replaced; a key is not used twice`;
    const next: NextKey = { privateKey: keys.current, recoveryKeyHash: keys.recoveryKeyHash };
    const previous = this.own.sealerFor(schedule);
    if (previous !== undefined) {
      await this.write(keyRotated.type, rotationBody(nodeEd25519, { schedule, head }, next), previous, { schedule, head });
    } else if (keys.recovery !== undefined && commitmentTo(nodeEd25519.publicKey(keys.recovery)) === schedule.recoveryKeyHash) {
      const sealer = { kid: kidOf(nodeId, keyNo + 1), privateKey: keys.current, net: this.own.network };
      await this.write(keyRecovered.type, recoveryBody(nodeEd25519, { schedule, head }, next, keys.recovery), sealer, { schedule, head });
    } else {
      return `KULA_NODE_KEY is not key ${keyNo} of this node, and neither KULA_NODE_KEY_PREVIOUS nor KULA_RECOVERY_KEY can name it as the next one`;
    }
    const { schedule: changed } = await this.log.nodeLog(nodeId);
    this.logger.warn(`the log has changed to key ${lastKey(changed).keyNo}`);
    return this.own.confirmKey(changed) ? null : 'the log has changed to another key than KULA_NODE_KEY';
  }

  private async write(type: string, body: ReturnType<typeof rotationBody>, sealer: Parameters<OwnEntries['add']>[1], place: OwnPlace): Promise<void> {
    await this.ownEntries.add({ topic: keyRotated.topic, type, sub: this.own.nodeId, ts: this.clock.now().getTime(), body }, sealer, place);
  }
}
