import { Injectable } from '@nestjs/common';
import { clearing as contract, clearingRunApproved, type Caller } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { checkSignature } from '../obligation/check-statement.js';
import { ClearingRunBook } from './clearing-run-book.js';
import { ClearingRunRepository } from './clearing-run.repository.js';
import { OtherResultError, RunUnknownError, WrongRunStateError } from './domain/clearing-run.errors.js';
import type { ClearingRun } from './domain/clearing-run.js';

/** Takes a local party's signed approval of the result this node computed, and passes it on. The same approval again answers the same. */
@Injectable()
export class ApproveClearingRun {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly arrangements: ArrangementRepository, private readonly runs: ClearingRunRepository,
    private readonly book: ClearingRunBook, private readonly federation: FederationOutbox, private readonly node: NodeIdentity,
  ) {}

  async handle({ runId, setRoot, resultHash, madeAt, signature }: z.output<typeof contract.approveClearingRun.input>, caller: Caller | null): Promise<ClearingRun> {
    const party = caller?.did ?? '';
    return this.unitOfWork.retrying(async (tx) => {
      const run = await this.runs.find(runId, tx);
      if (run === undefined) throw new RunUnknownError(runId);
      (await this.arrangements.get(run.props.agreementId, tx)).demandParty(party, this.node.id);
      if (run.props.result !== null && !run.equals({ setRoot, resultHash })) throw new OtherResultError(runId);
      const statement = { run_id: runId, set_root: setRoot, result_hash: resultHash, party, made_at: madeAt };
      checkSignature({ domain: 'sep/clearing-result/v1', signer: party, statement, signature });
      const earlier = run.approvalOf(party);
      if (earlier?.signature === signature) return run;
      if (earlier !== undefined) throw new WrongRunStateError(run.state, `${party} has approved it already`);
      const approved = run.approve({ setRoot, resultHash }, { party, madeAt, signature });
      await this.book.update(run, approved, tx);
      await this.federation.add(clearingRunApproved, { statement, signature }, { subject: runId }, tx);
      return approved;
    });
  }
}
