import { Injectable, Logger } from '@nestjs/common';
import { BATCH_ENTRIES_MAX, hashEntry, lookupIn, proveEquivocation, verifyEquivocationProof } from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { FindFork, type Fork } from '../heads/find-fork.js';
import type { PeerSession } from '../link/peer-session.js';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { EquivocationRepository } from '../quarantine/equivocation.repository.js';
import { UnkeptBranches } from '../quarantine/unkept-branches.js';
import { CatchUp } from './catch-up.js';

const BRANCH = { entriesMax: BATCH_ENTRIES_MAX, bytesMax: Number.MAX_SAFE_INTEGER };

/** Has a peer show what it says it holds of this node's own log, and takes it for what it is. */
@Injectable()
export class ConfrontPeer {
  private readonly logger = new Logger(ConfrontPeer.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly findFork: FindFork, private readonly catchUp: CatchUp,
    private readonly equivocations: EquivocationRepository, private readonly unkept: UnkeptBranches, private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Keeps the proof where the peer's entries contradict ours, else stores what goes beyond our head. Answers whether it was
   * either: a claim without entries that carry our signature is none, nor is a branch that people have decided against.
   *
   * @throws whatever keeps the peer from answering; then nothing is known of its claim.
   */
  async handle(session: PeerSession, seq: number): Promise<boolean> {
    const { head } = await this.log.issuerLog(this.own.nodeId);
    const fork = head && await this.findFork.handle(session, this.own.nodeId, Math.min(seq, head.seq));
    if (fork !== undefined) return this.prove(session, fork);
    return seq > (head?.seq ?? 0) && await this.catchUp.handle(session, seq);
  }

  private async prove({ peer }: PeerSession, { at, entries }: Fork): Promise<boolean> {
    const issuer = this.own.nodeId;
    const isDecided = (await this.unkept.among(issuer, entries.map((jws) => hashEntry(jws)))).size > 0;
    if (isDecided) return false;
    const keyOf = lookupIn(await this.log.scheduleOf(issuer));
    const held = await this.log.ofIssuer(issuer, at, BRANCH);
    const proof = proveEquivocation(nodeEd25519, { net: this.own.network, issuer, ours: held.map(({ jws }) => jws), theirs: entries, keyOf });
    const found = proof && verifyEquivocationProof(nodeEd25519, proof, keyOf, { net: this.own.network });
    if (proof === undefined || found === undefined || 'refused' in found) return false;
    await this.unitOfWork.run((tx) => this.equivocations.keep({ proof, at: found.at, shownBy: peer.nodeId, isFoundHere: true }, tx));
    this.logger.error(`${peer.name} holds another entry ${found.at} that this node has signed`);
    return true;
  }
}
