import { byCodeUnit, invariant } from '@kula/kernel-primitives';
import { AgreementNotActiveError, NotAPartyError, NotTheClerkError, OtherUnitError } from './arrangement.errors.js';

/** The state of the agreement, as the agreement manager tells it. */
export type ArrangementState = 'draft' | 'proposed' | 'active' | 'suspended' | 'terminated';

/** A party: a cooperative and the node that hosts it. */
export interface Party { readonly cooperative: string; readonly homeNode: string }

export interface ArrangementProps {
  readonly agreementId: string;
  readonly state: ArrangementState;
  readonly unit: string;
  /** Decimals of the unit. */
  readonly scale: number;
  readonly parties: readonly Party[];
  /** Rises with every change of the agreement. */
  readonly version: number;
}

/**
 * An agreement by which its parties clear, as far as clearing looks at it.
 *
 * @invariant it has two parties or more, each named once.
 */
export class Arrangement {
  constructor(readonly props: ArrangementProps) {
    invariant(props.parties.length >= 2, 'an arrangement has two parties or more');
    invariant(new Set(props.parties.map(({ cooperative }) => cooperative)).size === props.parties.length, 'a party is named once');
  }

  get id(): string { return this.props.agreementId; }

  /**
   * True where entries of other nodes about it are taken: it came into force, whatever became of it since.
   *
   * A termination can overtake the last signature and then looks like the end of a proposal, so terminated counts as well.
   */
  get isBinding(): boolean { return ['active', 'suspended', 'terminated'].includes(this.props.state); }

  /** The first party. It opens the runs, so that every node sees them in one order. */
  get clerk(): Party {
    const [clerk] = this.props.parties;
    invariant(clerk !== undefined, 'an arrangement has a first party');
    return clerk;
  }

  /** Nodes that host a party, each once, by code unit. */
  get homeNodes(): readonly string[] {
    return [...new Set(this.props.parties.map(({ homeNode }) => homeNode))].sort(byCodeUnit);
  }

  /** The node that hosts a party, or undefined for anybody else. */
  homeOf(cooperative: string): string | undefined {
    return this.props.parties.find((party) => party.cooperative === cooperative)?.homeNode;
  }

  /** Operators see every arrangement, cooperatives those they are a party of. */
  isSeenBy(caller: { readonly did: string; readonly role: string } | null): boolean {
    return caller?.role === 'operator' || (caller !== null && this.homeOf(caller.did) !== undefined);
  }

  /** @throws AgreementNotActiveError unless it is active now. */
  demandActive(): void {
    if (this.props.state !== 'active') throw new AgreementNotActiveError(this.id, this.props.state);
  }

  /** @throws NotAPartyError unless the cooperative is a party, at that node where one is given. */
  demandParty(cooperative: string, homeNode?: string): void {
    const home = this.homeOf(cooperative);
    if (home === undefined || (homeNode !== undefined && home !== homeNode)) throw new NotAPartyError(cooperative);
  }

  /** @throws NotTheClerkError unless the cooperative is the first party and speaks at its home node. */
  demandClerk(cooperative: string, node: string): void {
    if (cooperative !== this.clerk.cooperative || node !== this.clerk.homeNode) throw new NotTheClerkError(this.clerk.cooperative);
  }

  /** @throws OtherUnitError unless it counts in that unit. */
  demandUnit(unit: string): void {
    if (unit !== this.props.unit) throw new OtherUnitError(unit, this.props.unit);
  }
}
