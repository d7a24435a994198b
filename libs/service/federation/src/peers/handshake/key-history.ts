import { Injectable } from '@nestjs/common';
import { keyRecovered, keyRotated } from '@kula/contracts';
import { firstSchedule, isNodeId, isValidAt, lastKey, lookupIn, openEntry, scheduleAfter, scheduleToOpen, type KeySchedule } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog, type StoredEntry } from '../../log/entry-log.js';
import { OwnNode } from '../../own-node.js';

/** As many entries as a statement carries. */
const KEYS_MAX = 30;
const ONE = { entriesMax: 1, bytesMax: 1 };
const CHANGES: readonly string[] = [keyRotated.type, keyRecovered.type];

/** True where one schedule goes on from where the other ends, or ends there as well. */
const continues = (later: KeySchedule, earlier: KeySchedule): boolean =>
  earlier.keys.every(({ publicKey }, index) => Buffer.compare(publicKey, later.keys[index]?.publicKey ?? new Uint8Array()) === 0);

/** Which key a node signs with now, also for those who hold nothing of its log. */
@Injectable()
export class KeyHistory {
  constructor(private readonly own: OwnNode, private readonly log: EntryLog) {}

  /**
   * The entries of this node's log by which its id leads to its present key: the first, and every change. None where the
   * key has never changed, or too often for a statement: then those who hold the log can check what this node says.
   */
  async ownEntries(): Promise<string[]> {
    const { keys } = await this.log.scheduleOf(this.own.nodeId);
    if (keys.length === 1 || keys.length > KEYS_MAX) return [];
    // A key signs from the entry behind its rotation on; one that recovers signs its own entry.
    const places = new Set([1, ...keys.slice(1).flatMap(({ fromSeq }) => [fromSeq - 1, fromSeq])]);
    const entries = await Promise.all([...places].sort((left, right) => left - right).map((seq) => this.ownEntry(seq)));
    return entries.flatMap((entry) => (entry !== undefined && (entry.seq === 1 || CHANGES.includes(entry.type)) ? [entry.jws] : []));
  }

  /**
   * The newest key of a node: as held here, or as its own entries show that it has gone on from there. Undefined for a name
   * that is no node id. Two verifications or three for each entry; what does not hold is passed over with all behind it.
   */
  async newestKey(nodeId: string, entries: readonly string[]): Promise<Uint8Array | undefined> {
    const { schedule: held } = await this.log.issuerLog(nodeId);
    if (held === undefined) return undefined;
    const shown = entries.length === 0 ? held : this.scheduleIn(nodeId, entries) ?? held;
    return lastKey(continues(shown, held) ? shown : held).publicKey;
  }

  private async ownEntry(seq: number): Promise<StoredEntry | undefined> {
    const [entry] = await this.log.ofIssuer(this.own.nodeId, seq, ONE);
    return entry?.seq === seq ? entry : undefined;
  }

  private scheduleIn(nodeId: string, entries: readonly string[]): KeySchedule | undefined {
    let schedule = isNodeId(nodeId) ? firstSchedule(nodeId) : undefined;
    for (const jws of entries) {
      if (schedule === undefined) return undefined;
      const openable = scheduleToOpen(nodeEd25519, schedule, [jws]);
      const expected = { net: this.own.network, iss: schedule.issuer, keyIsValidAt: (kid: string, seq: number) => isValidAt(openable, kid, seq) };
      const opened = openEntry(nodeEd25519, jws, lookupIn(openable), expected);
      const after = 'refused' in opened ? opened : scheduleAfter(nodeEd25519, schedule, opened);
      if ('refused' in after) return schedule;
      schedule = after;
    }
    return schedule;
  }
}
