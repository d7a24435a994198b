import { Controller } from '@nestjs/common';
import { clearing as contract, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { ApproveClearingRun } from './approve-clearing-run.js';
import { presentRun } from './clearing-run.presenter.js';
import { FindClearingRuns } from './find-clearing-runs.query.js';
import { OpenClearingRun } from './open-clearing-run.js';

type InputOf<Contract extends { readonly input: z.ZodType }> = z.output<Contract['input']>;

/** Operations on clearing runs. */
@Controller()
export class ClearingRunController {
  constructor(private readonly opening: OpenClearingRun, private readonly approving: ApproveClearingRun, private readonly finding: FindClearingRuns) {}

  @Operation(contract.openClearingRun)
  async open(input: InputOf<typeof contract.openClearingRun>, { caller }: RequestMeta) {
    const run = await this.opening.handle(input, caller);
    return presentRun(run, run.props.cutoff);
  }

  @Operation(contract.approveClearingRun)
  async approve(input: InputOf<typeof contract.approveClearingRun>, { caller }: RequestMeta) {
    const run = await this.approving.handle(input, caller);
    return presentRun(run, run.props.cutoff);
  }

  @Operation(contract.getClearingRun)
  async get({ runId }: InputOf<typeof contract.getClearingRun>, { caller }: RequestMeta) {
    const { run, reached } = await this.finding.get(runId, caller);
    return presentRun(run, reached);
  }

  @Operation(contract.listClearingRuns)
  async list(input: InputOf<typeof contract.listClearingRuns>, { caller }: RequestMeta) {
    const { items, nextCursor } = await this.finding.list(input, caller);
    return { items: items.map(({ run, reached }) => presentRun(run, reached)), nextCursor };
  }
}
