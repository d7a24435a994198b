import { clearing as contract } from '@kula/contracts';
import type { z } from 'zod';
import type { ClearingRun } from './domain/clearing-run.js';
import type { Cutoff } from './domain/frozen-set.js';
import type { RunResult } from './domain/run-result.js';

/** A run as it is shown. `reached`: how far this node has read each home node. */
export function presentRun(run: ClearingRun, reached: Cutoff): z.input<typeof contract.clearingRun> {
  const { runId, agreementId, unit, state, openedBy, openedAt, cutoff, result, computations, approvals } = run.props;
  return {
    runId, agreementId, unit, state, openedBy, openedAt, cutoff, setRoot: result?.setRoot ?? null, resultHash: result?.resultHash ?? null,
    result: result && presentResult(result),
    computations: computations.map(({ node, setRoot, resultHash }) => ({ node, setRoot, resultHash, isEqual: run.equals({ setRoot, resultHash }) })),
    approvals: approvals.map(({ party, madeAt, signature }) => ({ party, madeAt, signature })),
    waitingFor: waitingFor(run, reached),
  };
}

function presentResult({ grossTotal, netTotal, positions, potentials, lines }: RunResult): z.input<typeof contract.runResult> {
  return {
    obligationCount: lines.length, grossTotal: String(grossTotal), cleared: String(grossTotal - netTotal), netTotal: String(netTotal),
    positions: positions.map(({ party, position }) => ({ party, position: String(position) })),
    remaining: lines.map(({ obligationId, debtor, creditor, before, after }) => ({ obligationId, debtor, creditor, before: String(before), after: String(after) })),
    potentials: potentials.map(({ party, potential }) => ({ party, potential })),
  };
}

/** What has to come in before the run takes its next step, in plain words. */
function waitingFor(run: ClearingRun, reached: Cutoff): string[] {
  const results = run.missingResults.map((node) => `result of node ${node}`);
  const approvals = run.missingApprovals.map((party) => `approval of ${party}`);
  const behind = run.homeNodes.filter((node) => (reached[node] ?? 0) < (run.props.cutoff[node] ?? 0));
  switch (run.state) {
    case 'open': return [...behind.map((node) => `entries of node ${node} up to ${run.props.cutoff[node]}`), ...results];
    case 'computed': return results;
    case 'agreed': return approvals;
    default: return [];
  }
}
