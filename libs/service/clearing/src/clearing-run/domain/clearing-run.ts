import { invariant, nextState } from '@kula/kernel-primitives';
import { OtherResultError, WrongRunStateError } from './clearing-run.errors.js';
import { CLEARING_RUN_INITIAL, CLEARING_RUN_TRANSITIONS, type ClearingRunEvent, type ClearingRunState } from './clearing-run.transitions.js';
import type { Cutoff } from './frozen-set.js';
import type { RunResult } from './run-result.js';

/** A party and the node whose calculation speaks for it. */
export interface RunParty { readonly cooperative: string; readonly homeNode: string }

/** The two hashes by which results are compared. */
export interface ResultHashes { readonly setRoot: string; readonly resultHash: string }

/** What a home node says it computed. */
export interface Computation extends ResultHashes { readonly node: string }

/** A party's verified signature over the result of this node. */
export interface Approval { readonly party: string; readonly madeAt: string; readonly signature: string }

/** What opens a run. */
export interface RunOpening {
  readonly runId: string;
  readonly agreementId: string;
  readonly unit: string;
  readonly openedBy: string;
  readonly openedAt: string;
  readonly cutoff: Cutoff;
  readonly parties: readonly RunParty[];
}

export interface ClearingRunProps extends RunOpening {
  readonly state: ClearingRunState;
  readonly result: RunResult | null;
  readonly computations: readonly Computation[];
  readonly approvals: readonly Approval[];
  /** Counts saved changes. */
  readonly version: number;
}

const isSame = (left: ResultHashes, right: ResultHashes) => left.setRoot === right.setRoot && left.resultHash === right.resultHash;

/**
 * A clearing run as one node sees it.
 *
 * Its end is a function of what the home nodes computed and the parties approved, not of the order in which that arrived.
 *
 * @invariant only home nodes compute, each once; only parties approve, each once, and only what this node computed itself.
 */
export class ClearingRun {
  constructor(readonly props: ClearingRunProps) {
    const { computations, approvals, result, state } = props;
    invariant(computations.every(({ node }) => this.homeNodes.includes(node)), 'who computes hosts a party');
    invariant(new Set(computations.map(({ node }) => node)).size === computations.length, 'a node computes once');
    invariant(approvals.every(({ party }) => this.isParty(party)), 'who approves is a party');
    invariant(new Set(approvals.map(({ party }) => party)).size === approvals.length, 'a party approves once');
    invariant((state === 'open') === (result === null), 'a run is open until this node has its result');
  }

  static open(opening: RunOpening): ClearingRun {
    return new ClearingRun({ ...opening, state: CLEARING_RUN_INITIAL, result: null, computations: [], approvals: [], version: 1 });
  }

  get id(): string { return this.props.runId; }

  get state(): ClearingRunState { return this.props.state; }

  /** Nodes that host a party, each once, in the order of the terms. */
  get homeNodes(): readonly string[] {
    return [...new Set(this.props.parties.map(({ homeNode }) => homeNode))];
  }

  /** Home nodes whose result has not come in. */
  get missingResults(): readonly string[] {
    return this.homeNodes.filter((node) => !this.props.computations.some((computation) => computation.node === node));
  }

  /** Parties that have not approved. */
  get missingApprovals(): readonly string[] {
    return this.props.parties.map(({ cooperative }) => cooperative).filter((party) => this.approvalOf(party) === undefined);
  }

  approvalOf(party: string): Approval | undefined {
    return this.props.approvals.find((approval) => approval.party === party);
  }

  /** True where the hashes are those of this node's own result. */
  equals(hashes: ResultHashes): boolean {
    return this.props.result !== null && isSame(this.props.result, hashes);
  }

  /** Takes this node's own result. The same run where it has one already. */
  compute(result: RunResult): ClearingRun {
    if (this.props.result !== null) return this;
    return this.after('compute', { result });
  }

  /** Adds what a home node computed, whenever it comes. The same again changes nothing. @throws OtherResultError where the node said otherwise before. */
  recordComputation(computation: Computation): ClearingRun {
    const earlier = this.props.computations.find(({ node }) => node === computation.node);
    if (earlier === undefined) return this.with({ computations: [...this.props.computations, computation] }).advance();
    if (!isSame(earlier, computation)) throw new OtherResultError(this.id);
    return this;
  }

  /**
   * Adds a party's verified approval. A second one of the same party changes nothing.
   *
   * @throws OtherResultError unless it is of this node's own result; WrongRunStateError where there is none yet, or it is disputed.
   */
  approve(hashes: ResultHashes, approval: Approval): ClearingRun {
    if (this.props.result !== null && !this.equals(hashes)) throw new OtherResultError(this.id);
    if (this.approvalOf(approval.party) !== undefined) return this;
    return this.after('approve', { approvals: [...this.props.approvals, approval] });
  }

  /** Follows the table for as long as an event is due. */
  private advance(): ClearingRun {
    const due = this.dueEvent();
    return due === undefined ? this : this.after(due, {});
  }

  private dueEvent(): ClearingRunEvent | undefined {
    if (this.state === 'computed' && this.missingResults.length === 0) return this.props.computations.every((each) => this.equals(each)) ? 'agree' : 'dispute';
    return this.state === 'agreed' && this.missingApprovals.length === 0 ? 'settle' : undefined;
  }

  private after(event: ClearingRunEvent, change: Partial<ClearingRunProps>): ClearingRun {
    const state = nextState(CLEARING_RUN_TRANSITIONS, this.state, event);
    if (state === undefined) throw new WrongRunStateError(this.state, `it does not ${event}`);
    return this.with({ ...change, state }).advance();
  }

  private isParty(cooperative: string): boolean {
    return this.props.parties.some((party) => party.cooperative === cooperative);
  }

  private with(change: Partial<ClearingRunProps>): ClearingRun {
    return new ClearingRun({ ...this.props, ...change });
  }
}
