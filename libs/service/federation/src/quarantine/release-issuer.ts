import { Injectable, Logger } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { hashEntry, type Head } from '@kula/kernel-federation-log';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { EntryLog } from '../log/entry-log.js';
import { payloadIn } from '../recovery/payload-in.js';
import { IssuerUnknownError } from '../status/federation.errors.js';
import { EquivocationRepository, type KeptEquivocation } from './equivocation.repository.js';
import { IssuerNotFrozenError } from './quarantine.errors.js';
import { UnkeptBranches } from './unkept-branches.js';

/** An operator decides to go on with an issuer along the branch that is held here. */
@Injectable()
export class ReleaseIssuer {
  private readonly logger = new Logger(ReleaseIssuer.name);

  constructor(
    private readonly log: EntryLog, private readonly equivocations: EquivocationRepository, private readonly unkept: UnkeptBranches, private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Takes the issuer's log again and remembers the other branches. Answers the decision about the lowest entry.
   *
   * @throws IssuerUnknownError, IssuerNotFrozenError.
   */
  async handle({ issuer, reason }: z.output<typeof federation.releaseIssuer.input>): Promise<KeptEquivocation> {
    const released = await this.unitOfWork.run(async (tx) => {
      const frozen = (await this.equivocations.allOf(issuer, tx)).filter(({ state }) => state === 'frozen');
      if (frozen.length === 0) throw (await this.log.issuerLog(issuer)).head === undefined ? new IssuerUnknownError(issuer) : new IssuerNotFrozenError(issuer);
      await this.leaveBehind(issuer, frozen, tx);
      const kept = await this.log.hashesAt(issuer, frozen.map(({ at }) => at));
      await this.equivocations.release(issuer, kept, reason, tx);
      return (await this.equivocations.allOf(issuer, tx)).find(({ at }) => at === frozen[0]?.at);
    });
    this.logger.warn(`an operator has released ${issuer} along the branch held here: ${reason}`);
    if (released === undefined) throw new IssuerNotFrozenError(issuer);
    return released;
  }

  /** Remembers the branches of the proofs that are not held here. Where neither is, whichever comes first is taken. */
  private async leaveBehind(issuer: string, frozen: readonly KeptEquivocation[], tx: Transaction): Promise<void> {
    for (const branch of frozen.flatMap(({ proof }) => [proof.left, proof.right])) {
      const said = saidBy(branch);
      const held = await this.log.hashesAt(issuer, said.map(({ seq }) => seq));
      const from = said.findIndex(({ seq, hash }) => held.has(seq) && held.get(seq) !== hash);
      if (from !== -1) await this.unkept.add(issuer, said.slice(from).map(({ hash }) => hash), tx);
    }
  }
}

/** The hash that a branch of a proof gives for each of its places, and for the one before. */
function saidBy(branch: readonly string[]): readonly Head[] {
  const entries = branch.map((jws) => ({ payload: payloadIn(jws), hash: hashEntry(jws) }));
  const before = entries.slice(0, 1).map(({ payload }) => ({ seq: payload.seq - 1, hash: payload.prev }));
  return [...before, ...entries.map(({ payload, hash }) => ({ seq: payload.seq, hash }))];
}
