import { byCodeUnit, invariant, nextState } from '@kula/kernel-primitives';
import {
  AlreadySignedError, NotAPartyError, OtherTermsError, SequenceUsedError, WrongAgreementStateError,
} from './agreement.errors.js';
import { AGREEMENT_TRANSITIONS, type AgreementState } from './agreement.transitions.js';

/** A party: a cooperative and the node that hosts it. */
export interface Party { readonly cooperative_id: string; readonly home_node: string }

/** As much of the terms as the rules look at; the rest is carried along. */
export interface Terms {
  readonly agreement_id: string;
  readonly version: number;
  readonly parties: readonly Party[];
}

/** A party's signature over the terms. */
export interface PartySignature { readonly party: string; readonly madeAt: string; readonly signature: string }

export type Action = 'suspend' | 'resume' | 'terminate';

/** A party's signed act on the agreement. Acts are counted from 1. */
export interface PartyAction {
  readonly party: string;
  readonly action: Action;
  readonly sequence: number;
  readonly reason: string;
  readonly madeAt: string;
  readonly signature: string;
}

export interface AgreementProps {
  readonly terms: Terms;
  readonly termsHash: string;
  readonly draftedBy: string;
  readonly isProposed: boolean;
  readonly isExpired: boolean;
  readonly signatures: readonly PartySignature[];
  readonly actions: readonly PartyAction[];
  /** Counts saved changes. */
  readonly version: number;
}

/**
 * An agreement as the set of what its parties signed.
 *
 * The state is a function of that set, not of the order in which it arrived, so that every node comes to the same one: where
 * two parties act at the same time under one sequence number, termination goes first, then the smaller did.
 *
 * @invariant every signature and action is a party's; a party signs once.
 */
export class Agreement {
  constructor(readonly props: AgreementProps) {
    for (const { party } of [...props.signatures, ...props.actions]) invariant(this.partyOf(party) !== undefined, 'who signed is a party');
    invariant(new Set(props.signatures.map(({ party }) => party)).size === props.signatures.length, 'a party signs once');
  }

  get id(): string { return this.props.terms.agreement_id; }

  get state(): AgreementState { return this.replay().state; }

  /** Number the next action has. */
  get nextSequence(): number { return this.replay().nextSequence; }

  /** Parties that have yet to sign, in the order of the terms. */
  get waitingFor(): readonly string[] {
    if (this.state !== 'proposed') return [];
    return this.props.terms.parties.map(({ cooperative_id: id }) => id).filter((id) => !this.hasSigned(id));
  }

  partyOf(cooperativeId: string): Party | undefined {
    return this.props.terms.parties.find((party) => party.cooperative_id === cooperativeId);
  }

  /** Makes the draft binding text. @throws WrongAgreementStateError unless it is a draft. */
  propose(): Agreement {
    if (nextState(AGREEMENT_TRANSITIONS, this.state, 'propose') === undefined) throw new WrongAgreementStateError(this.state, 'be proposed');
    return this.with({ isProposed: true });
  }

  /** Adds a party's verified signature given here. The same one again changes nothing. @throws refusals in the order of the contract. */
  sign(termsHash: string, signature: PartySignature): Agreement {
    const signed = this.recordSignature(termsHash, signature);
    if (signed !== this && this.state !== 'proposed') throw new WrongAgreementStateError(this.state, 'be signed');
    return signed;
  }

  /** Adds a signature that another node accepted, whatever has arrived here before it. */
  recordSignature(termsHash: string, signature: PartySignature): Agreement {
    this.checkParty(signature.party, termsHash);
    const earlier = this.props.signatures.find(({ party }) => party === signature.party);
    if (earlier === undefined) return this.with({ signatures: [...this.props.signatures, signature] });
    if (earlier.signature !== signature.signature) throw new AlreadySignedError(signature.party);
    return this;
  }

  /** Adds a party's verified action given here. The same one again changes nothing. */
  act(termsHash: string, action: PartyAction): Agreement {
    this.checkParty(action.party, termsHash);
    if (this.hasAction(action)) return this;
    if (action.sequence !== this.nextSequence) throw new SequenceUsedError(this.nextSequence);
    if (nextState(AGREEMENT_TRANSITIONS, this.state, action.action) === undefined) throw new WrongAgreementStateError(this.state, action.action);
    return this.with({ actions: [...this.props.actions, action] });
  }

  /** Adds an action that another node accepted; it counts where the replay finds it valid. */
  recordAction(termsHash: string, action: PartyAction): Agreement {
    this.checkParty(action.party, termsHash);
    return this.hasAction(action) ? this : this.with({ actions: [...this.props.actions, action] });
  }

  /** Ends the agreement because its period is over. Unchanged where it has ended already. */
  expire(): Agreement {
    return nextState(AGREEMENT_TRANSITIONS, this.state, 'expire') === undefined ? this : this.with({ isExpired: true });
  }

  private hasSigned(party: string): boolean {
    return this.props.signatures.some((signature) => signature.party === party);
  }

  private hasAction({ signature }: PartyAction): boolean {
    return this.props.actions.some((known) => known.signature === signature);
  }

  private checkParty(party: string, termsHash: string): void {
    if (this.partyOf(party) === undefined) throw new NotAPartyError(party);
    if (termsHash !== this.props.termsHash) throw new OtherTermsError(termsHash);
  }

  private with(change: Partial<AgreementProps>): Agreement {
    return new Agreement({ ...this.props, ...change });
  }

  /** Walks the table over everything signed, in an order that does not depend on arrival. */
  private replay(): { readonly state: AgreementState; readonly nextSequence: number } {
    if (!this.props.isProposed) return { state: 'draft', nextSequence: 1 };
    const isComplete = this.props.terms.parties.every(({ cooperative_id: id }) => this.hasSigned(id));
    let state: AgreementState = isComplete ? 'active' : 'proposed';
    let nextSequence = 1;
    for (let action = this.winner(nextSequence); action !== undefined; action = this.winner(nextSequence)) {
      state = nextState(AGREEMENT_TRANSITIONS, state, action.action) ?? state;
      nextSequence += 1;
    }
    return { state: this.props.isExpired ? 'terminated' : state, nextSequence };
  }

  private winner(sequence: number): PartyAction | undefined {
    const rank = ({ action, party }: PartyAction) => `${action === 'terminate' ? 0 : 1}${party}`;
    return this.props.actions.filter((action) => action.sequence === sequence).sort((left, right) => byCodeUnit(rank(left), rank(right)))[0];
  }
}
