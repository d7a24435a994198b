import { DomainError } from '@kula/kernel-primitives';

/** This node holds no entry of the issuer. */
export class IssuerUnknownError extends DomainError<'federation.issuer_unknown'> {
  override readonly name = 'IssuerUnknownError';
  readonly code = 'federation.issuer_unknown';

  constructor(issuer: string) {
    super('this node holds no entry of that node', { issuer });
  }
}
