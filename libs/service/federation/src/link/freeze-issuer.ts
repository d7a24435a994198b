import { Injectable, Logger } from '@nestjs/common';
import { BATCH_ENTRIES_MAX, lookupIn, proveEquivocation, verifyEquivocationProof, type ArrivalStop, type KeySchedule } from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { EquivocationRepository } from '../quarantine/equivocation.repository.js';
import { UnkeptBranches } from '../quarantine/unkept-branches.js';
import { refusedArrival, type Acceptance, type Delivery } from './delivery.js';
import { IssuerFrozenError } from './link.errors.js';
import { LinkRepository } from './link.repository.js';

/** A stop at an entry that contradicts what is held. */
export type Contradicting = ArrivalStop & { readonly verdict: { readonly verdict: 'equivocation' } };

export const isContradiction = (stop: ArrivalStop): stop is Contradicting => stop.verdict.verdict === 'equivocation';

/** Enough to find a signature of the issuer in any run that was accepted. */
const BRANCH = { entriesMax: BATCH_ENTRIES_MAX, bytesMax: Number.MAX_SAFE_INTEGER };

/** Freezes an issuer that has said two things: keeps both with the proof, and takes nothing more of it. */
@Injectable()
export class FreezeIssuer {
  private readonly logger = new Logger(FreezeIssuer.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly links: LinkRepository, private readonly unitOfWork: UnitOfWork,
    private readonly equivocations: EquivocationRepository, private readonly unkept: UnkeptBranches,
  ) {}

  /**
   * Passes the arrival over where it is of a branch that people have decided against.
   *
   * @throws IssuerFrozenError where it is not.
   */
  async handle(delivery: Delivery, stop: Contradicting, schedule: KeySchedule): Promise<Acceptance> {
    if (await this.unkept.include(stop.entry)) return this.leave(delivery, stop.index);
    return this.freeze(delivery, stop, schedule);
  }

  private async leave(delivery: Delivery, index: number): Promise<Acceptance> {
    const { peer, arrivals, cursor } = delivery;
    const refused = [refusedArrival(delivery, index, { code: 'federation.branch_not_kept', detail: 'people have decided for the other branch of this log' })];
    const isLast = index === arrivals.length - 1;
    await this.unitOfWork.run((tx) => this.links.record({ peer, stored: 0, refused, ...(isLast && cursor !== undefined && { cursor }) }, tx));
    return { done: index + 1 };
  }

  private async freeze(delivery: Delivery, { index, verdict }: Contradicting, schedule: KeySchedule): Promise<never> {
    const { peer, issuer, arrivals } = delivery;
    const held = await this.log.ofIssuer(issuer, verdict.at, BRANCH);
    const [ours, theirs] = [held, arrivals.slice(index, index + BATCH_ENTRIES_MAX)].map((entries) => entries.map(({ jws }) => jws)) as [string[], string[]];
    const [net, keyOf] = [this.own.network, lookupIn(schedule)];
    const proof = proveEquivocation(nodeEd25519, { net, issuer, ours, theirs, keyOf });
    const found = proof && verifyEquivocationProof(nodeEd25519, proof, keyOf, { net });
    if (proof === undefined || found === undefined || 'refused' in found) throw new Error(`the two branches of ${issuer} at ${verdict.at} carry no two signatures`);
    // What the proof shows may lie below the entry at which it was noticed: whoever checks it freezes there.
    const { at } = found;
    const offending = refusedArrival(delivery, index, { code: 'federation.equivocation', detail: `the issuer had said something else about entry ${at}` });
    await this.unitOfWork.run(async (tx) => {
      await this.equivocations.keep({ proof, at, shownBy: peer, isFoundHere: true }, tx);
      await this.links.record({ peer, stored: 0, refused: [offending] }, tx);
    });
    this.logger.error(`${issuer} has contradicted itself at entry ${at}; the proof is kept and its log is frozen`);
    throw new IssuerFrozenError(issuer, at - 1);
  }
}
