/** What is known of an attestation that somebody shows. */
export interface AttestationFacts {
  readonly issuer: string;
  readonly isIssuerKnown: boolean;
  /** Node that has announced the participant, or undefined where none has. */
  readonly announcedBy: string | undefined;
  readonly isIssuerInGoodStanding: boolean;
  readonly isSignedByIssuer: boolean;
  readonly expiresAt: string;
  readonly isExpired: boolean;
}

export type CheckName = 'issuer_known' | 'issuer_in_good_standing' | 'signature' | 'not_expired';

/** One check with its result and a sentence for people. */
export interface Check {
  readonly check: CheckName;
  readonly passed: boolean;
  readonly sentence: string;
}

/** The four checks, in the order in which they are shown. The attestation is valid where all are passed. */
export function checksOf(facts: AttestationFacts): readonly Check[] {
  const { isIssuerKnown, isIssuerInGoodStanding, isSignedByIssuer, isExpired, expiresAt } = facts;
  return [
    issuerCheck(facts),
    { check: 'issuer_in_good_standing', passed: isIssuerKnown && isIssuerInGoodStanding, sentence: standingSentence(facts) },
    {
      check: 'signature', passed: isSignedByIssuer,
      sentence: isSignedByIssuer ? 'The issuer signed exactly this document.' : 'It is neither signed with the present key of the issuer nor received from its log: it was changed, or somebody else wrote it.',
    },
    { check: 'not_expired', passed: !isExpired, sentence: isExpired ? `It expired at ${expiresAt}.` : `It is valid until ${expiresAt}.` },
  ];
}

function issuerCheck({ issuer, isIssuerKnown, announcedBy }: AttestationFacts): Check {
  const check = 'issuer_known';
  if (!isIssuerKnown) return { check, passed: false, sentence: `Node ${issuer} has not announced itself here.` };
  if (announcedBy === undefined) return { check, passed: true, sentence: `Node ${issuer} is known; nobody has announced the participant here yet.` };
  if (announcedBy !== issuer) return { check, passed: false, sentence: `The participant lives on node ${announcedBy}; only its home node attests it.` };
  return { check, passed: true, sentence: `Node ${issuer} is known as the home node of the participant.` };
}

function standingSentence({ isIssuerKnown, isIssuerInGoodStanding }: AttestationFacts): string {
  if (!isIssuerKnown) return 'A node that is not known here has no standing.';
  return isIssuerInGoodStanding ? 'The issuer is in good standing here.' : 'Experience here has contradicted the issuer too often: it is not in good standing.';
}
