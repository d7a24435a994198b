import type { NodeId } from '@kula/kernel-crypto';
import { liveItems, type HeadVector } from '@kula/kernel-federation-log';
import type { Delivered, Pulled, Range, StreamPlace, WantedRange, WantedSnapshot } from '../station.js';
import { inOrder, latestCheckpoint } from './held-log.js';
import type { Keeper } from './keeper.js';

const PULL_MAX = 12;
const RANGE_MAX = 40;

/** What an honest node answers out of its disks. */
export class Answering {
  constructor(private readonly keeper: Keeper) {}

  pull({ epoch, from, view }: StreamPlace): Pulled {
    const { stream } = this.keeper.disks;
    const entries: Delivered[] = [];
    let place = Math.max(epoch === stream.epoch ? from : 1, stream.first);
    for (; place <= stream.entries.length && entries.length < PULL_MAX; place += 1) {
      const entry = stream.entries[place - 1];
      if (entry === null || entry === undefined || (view === 'own' && entry.issuer !== this.keeper.id)) continue;
      entries.push({ streamSeq: place, issuer: entry.issuer, topic: entry.topic, jws: entry.jws });
    }
    return { epoch: stream.epoch, entries, through: place - 1 };
  }

  range({ issuer, from, to }: WantedRange): Range {
    const log = this.keeper.logOf(issuer);
    const entries: string[] = [];
    for (let seq = from; seq <= to && entries.length < RANGE_MAX && log.entries.has(seq); seq += 1) entries.push(log.entries.get(seq)!.jws);
    const checkpoint = entries.length === 0 ? latestCheckpoint(log) : undefined;
    return checkpoint !== undefined && from < checkpoint.seq ? { entries, checkpoint: checkpoint.jws } : { entries };
  }

  heads(): HeadVector {
    const heads: Record<NodeId, readonly [number, string]> = {};
    for (const issuer of this.keeper.disks.database.logs.keys()) {
      const head = this.keeper.agreedHead(issuer);
      if (head !== undefined) heads[issuer] = [head.seq, head.hash];
    }
    return heads;
  }

  snapshot({ issuer, checkpoint }: WantedSnapshot): readonly string[] | undefined {
    const log = this.keeper.logOf(issuer);
    const entry = log.entries.get(checkpoint);
    if (entry === undefined) return undefined;
    return liveItems(inOrder(log).filter(({ seq }) => seq < checkpoint), { ts: entry.ts }).map(({ jws }) => jws);
  }
}
