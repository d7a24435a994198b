import { Injectable } from '@nestjs/common';
import { judgeOwnLog, type Head, type OwnLogVerdict, type WordOfPeer } from '@kula/kernel-federation-log';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { EquivocationRepository } from '../quarantine/equivocation.repository.js';

/** Judges this node's own log, as the database holds it, by what peers say of it. */
@Injectable()
export class JudgeHeldLog {
  constructor(private readonly own: OwnNode, private readonly log: EntryLog, private readonly equivocations: EquivocationRepository) {}

  async handle(words: readonly WordOfPeer[], needed: number): Promise<OwnLogVerdict> {
    const { head } = await this.log.issuerLog(this.own.nodeId);
    const hashes = await this.log.hashesAt(this.own.nodeId, words.flatMap((word) => (word.head === null ? [] : [word.head.seq])));
    return judgeOwnLog({ head, hashAt: (seq) => hashes.get(seq) }, words, needed);
  }

  /** True where a peer's word is of an entry that is not held here: beyond the head, or another one. */
  async isBeyond(word: Head): Promise<boolean> {
    const { verdict } = await this.handle([{ peer: '', head: word }], 0);
    return verdict !== 'agreed';
  }

  /** Lowest entry at which this node is proven to have contradicted itself, where nobody has decided about it yet. */
  async contradictedAt(): Promise<number | undefined> {
    return this.equivocations.frozenAt(this.own.nodeId);
  }
}
