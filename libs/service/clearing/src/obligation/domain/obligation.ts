import { invariant, nextState } from '@kula/kernel-primitives';
import { OBLIGATION_INITIAL, OBLIGATION_TRANSITIONS, type ObligationEvent, type ObligationState } from './obligation.transitions.js';

/** What both sides sign. Amounts are minor units of the unit. */
export interface ObligationStatement {
  readonly obligation_id: string;
  readonly agreement_id: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: string;
  readonly unit: string;
  readonly reference: string;
  readonly due_at: string | null;
  readonly made_at: string;
}

/** One side's signature. `seq`: its entry in the log of the side's home node; null while no entry has carried it here yet. */
export interface SideSignature {
  readonly signature: string;
  readonly seq: number | null;
}

/** A signature of one of the two sides, as it came. */
export interface Signing extends SideSignature {
  readonly signer: string;
}

export interface ObligationProps {
  readonly statement: ObligationStatement;
  readonly statementHash: string;
  /** Whoever this node saw sign first. */
  readonly recordedBy: string;
  readonly debtor: SideSignature | null;
  readonly creditor: SideSignature | null;
  readonly remaining: bigint;
  readonly state: ObligationState;
  /** The run in progress whose set it is in. */
  readonly frozenIn: string | null;
  /** Counts saved changes. */
  readonly version: number;
}

/** The entry that counts where there are two; null stands for none yet. */
function earliest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}

const isInLog = (side: SideSignature | null) => side !== null && side.seq !== null;

/**
 * A debt under an arrangement: one statement and the signatures of its two sides.
 *
 * Which side came first makes no difference. It is open once both signatures stand in the log, so that what this node alone
 * knows never counts; each side is placed by its earliest entry.
 *
 * @invariant remaining is between 0 and the amount; debtor and creditor differ; frozen exactly while a run holds it.
 */
export class Obligation {
  constructor(readonly props: ObligationProps) {
    const { statement, remaining, state, frozenIn, recordedBy } = props;
    invariant(statement.debtor !== statement.creditor, 'debtor and creditor differ');
    invariant(remaining >= 0n && remaining <= this.amount, 'what remains is between 0 and the amount');
    invariant((state === 'discharged') === (remaining === 0n), 'an obligation is discharged exactly when nothing remains');
    invariant((state === 'frozen') === (frozenIn !== null), 'an obligation is frozen in a run');
    invariant((state === 'recorded') === !this.isConfirmed, 'an obligation is recorded until both signatures are in the log');
    invariant(this.hasSigned(recordedBy), 'who recorded it has signed it');
  }

  /** A statement with the first signature seen here. */
  static record(statement: ObligationStatement, statementHash: string, { signer, signature, seq }: Signing): Obligation {
    const side = { signature, seq };
    return new Obligation({
      statement, statementHash, recordedBy: signer, debtor: signer === statement.debtor ? side : null, creditor: signer === statement.creditor ? side : null,
      remaining: BigInt(statement.amount), state: OBLIGATION_INITIAL, frozenIn: null, version: 1,
    });
  }

  get id(): string { return this.props.statement.obligation_id; }

  get state(): ObligationState { return this.props.state; }

  get amount(): bigint { return BigInt(this.props.statement.amount); }

  /** The side that signed after the first, or null while it has not. */
  get confirmedBy(): string | null {
    const { statement: { debtor, creditor }, recordedBy } = this.props;
    const other = recordedBy === debtor ? creditor : debtor;
    return this.hasSigned(other) ? other : null;
  }

  /** True for debtor and creditor. */
  concerns(party: string): boolean {
    return this.sideOf(party) !== undefined;
  }

  /** The signature of a side, or null where it has not signed. */
  signatureOf(party: string): SideSignature | null {
    const side = this.sideOf(party);
    return side === undefined ? null : this.props[side];
  }

  /** Adds a side's verified signature, or what an earlier entry says of it. The same again changes nothing. */
  sign({ signer, signature, seq }: Signing): Obligation {
    const side = this.sideOf(signer);
    invariant(side !== undefined, 'who signs is debtor or creditor');
    const known = this.props[side] ?? { signature, seq: null };
    const place = earliest(known.seq, seq);
    if (this.hasSigned(signer) && known.seq === place) return this;
    const props = { ...this.props, [side]: { ...known, seq: place } };
    const isComplete = isInLog(props.debtor) && isInLog(props.creditor);
    return new Obligation(this.state === 'recorded' && isComplete ? { ...props, state: this.after('confirm') } : props);
  }

  /** Puts it into the set of a run. */
  freeze(runId: string): Obligation {
    return new Obligation({ ...this.props, state: this.after('freeze'), frozenIn: runId });
  }

  /** Takes it out of a disputed run as it was. */
  release(): Obligation {
    return new Obligation({ ...this.props, state: this.after('release'), frozenIn: null });
  }

  /** What its run leaves of it. */
  settle(remaining: bigint): Obligation {
    invariant(remaining <= this.props.remaining, 'a run only reduces');
    return new Obligation({ ...this.props, state: this.after(remaining === 0n ? 'discharge' : 'reduce'), remaining, frozenIn: null });
  }

  private get isConfirmed(): boolean {
    return isInLog(this.props.debtor) && isInLog(this.props.creditor);
  }

  private hasSigned(party: string): boolean {
    return this.signatureOf(party) !== null;
  }

  private sideOf(party: string): 'debtor' | 'creditor' | undefined {
    if (party === this.props.statement.debtor) return 'debtor';
    return party === this.props.statement.creditor ? 'creditor' : undefined;
  }

  private after(event: ObligationEvent): ObligationState {
    const next = nextState(OBLIGATION_TRANSITIONS, this.state, event);
    invariant(next !== undefined, `an obligation that is ${this.state} can ${event}`);
    return next;
  }
}
