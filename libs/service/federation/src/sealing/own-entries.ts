import { Injectable } from '@nestjs/common';
import {
  lookupIn, openEntry, scheduleAfter, scheduleToOpen, sealBatch, type EntryDraft, type Head, type KeySchedule, type Sealer,
} from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import { UnitOfWork } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';

/** Where the own log stands before an entry is added. */
export interface OwnPlace {
  readonly head: Head | undefined;
  readonly schedule: KeySchedule;
}

/** Adds the entries that this service itself writes: who the node is, and which keys it has. */
@Injectable()
export class OwnEntries {
  constructor(private readonly own: OwnNode, private readonly log: EntryLog, private readonly unitOfWork: UnitOfWork) {}

  /**
   * Seals one entry behind the head and stores it with the keys it brings. To be called inside `EntryLog.storing`.
   *
   * @throws InvariantError for an entry that peers would refuse; StaleWriteError where the log ends elsewhere.
   */
  async add(draft: EntryDraft, sealer: Sealer, { head, schedule }: OwnPlace): Promise<void> {
    const { entries: [sealed], refused: [refusal] } = sealBatch(nodeEd25519, sealer, head, [draft]);
    invariant(sealed !== undefined, `an entry of this service can be sealed: ${refusal?.detail ?? ''}`);
    const { seq, hash, jws } = sealed;
    const keyOf = lookupIn(scheduleToOpen(nodeEd25519, schedule, [jws]));
    const opened = openEntry(nodeEd25519, jws, keyOf, { net: this.own.network, iss: this.own.nodeId });
    invariant(!('refused' in opened), 'an entry of this service opens with the key of the log');
    const after = scheduleAfter(nodeEd25519, schedule, opened);
    invariant(!('refused' in after), 'a change of keys of this service holds');
    const { topic, type, sub: subject, ts, exp = null } = draft;
    await this.unitOfWork.run(async (tx) => {
      await this.log.append(this.own.nodeId, head, [{ seq, hash, jws, topic, type, subject, ts, exp, draftId: null }], tx);
      if (after !== schedule) await this.log.keepSchedule(after, tx);
    });
  }
}
