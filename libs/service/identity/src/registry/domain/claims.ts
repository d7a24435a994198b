import {
  CooperativeExistsError, CooperativeUnknownError, HandleTakenError, NotYourCooperativeError, ParticipantExistsError,
} from './registry.errors.js';

interface Claim {
  /** Permanent id of the party that made the statement. */
  readonly did: string;
  /** The node the party joined by it. */
  readonly homeNode: string;
  readonly statementHash: string;
  readonly signature: string;
  /** The moment in the statement, letter by letter as signed. */
  readonly madeAt: string;
}

/** What a cooperative said about itself, its signature already checked. */
export interface CooperativeClaim extends Claim {
  readonly kind: 'cooperative';
  readonly name: string;
  readonly place: string | null;
}

/** What a participant said about itself, its signature already checked. */
export interface ParticipantClaim extends Claim {
  readonly kind: 'participant';
  readonly cooperativeId: string;
  readonly handle: string;
  readonly displayName: string;
}

export type PartyClaim = CooperativeClaim | ParticipantClaim;

/** What the registry holds under a did. */
export type KnownParty = Pick<PartyClaim, 'kind' | 'homeNode' | 'statementHash'>;

/** Who asks for a registration. */
export interface Asker { readonly did: string; readonly role: string }

/** Whether a claim adds a party or repeats what is known. */
export type Novelty = 'new' | 'same';

/** A did stands for one party, by one statement, on one node. The first claim a node learns of counts. */
const noveltyOf = (claim: PartyClaim, known: KnownParty | undefined): Novelty | 'other' => {
  if (known === undefined) return 'new';
  return known.kind === claim.kind && known.statementHash === claim.statementHash ? 'same' : 'other';
};

/** Whether the cooperative is new. @throws CooperativeExistsError where the did stands for something else. */
export function noveltyOfCooperative(claim: CooperativeClaim, known: KnownParty | undefined): Novelty {
  const novelty = noveltyOf(claim, known);
  if (novelty === 'other') throw new CooperativeExistsError(claim.did);
  return novelty;
}

/**
 * Whether the participant is new.
 *
 * @param handleHolder did of whoever has the handle on the home node.
 * @throws ParticipantExistsError, then HandleTakenError.
 */
export function noveltyOfParticipant(claim: ParticipantClaim, known: KnownParty | undefined, handleHolder: string | undefined): Novelty {
  const novelty = noveltyOf(claim, known);
  if (novelty === 'other') throw new ParticipantExistsError(claim.did);
  if (novelty === 'new' && handleHolder !== undefined) throw new HandleTakenError(claim.handle);
  return novelty;
}

/** Continues where the cooperative lives on the node the participant joins. @throws CooperativeUnknownError otherwise. */
export function checkMembership(claim: ParticipantClaim, cooperative: KnownParty | undefined): void {
  if (cooperative?.kind !== 'cooperative' || cooperative.homeNode !== claim.homeNode) throw new CooperativeUnknownError(claim.cooperativeId);
}

/** Continues where the asker may register members of the cooperative. @throws NotYourCooperativeError otherwise. */
export function checkRegistrar(claim: ParticipantClaim, asker: Asker | null): void {
  const isEntitled = asker?.role === 'operator' || (asker?.role === 'cooperative' && asker.did === claim.cooperativeId);
  if (!isEntitled) throw new NotYourCooperativeError(claim.cooperativeId);
}
