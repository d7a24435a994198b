import { DomainError } from '@kula/kernel-primitives';

/** The issuer has not contradicted itself, or people have decided already. */
export class IssuerNotFrozenError extends DomainError<'federation.issuer_not_frozen'> {
  override readonly name = 'IssuerNotFrozenError';
  readonly code = 'federation.issuer_not_frozen';

  constructor(issuer: string) {
    super('nothing undecided is proven of that node', { issuer });
  }
}
