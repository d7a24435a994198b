import type { Json } from '@kula/kernel-crypto';
import { verifyDocument, type SignatureDomain } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { BadAgreementSignatureError } from './domain/agreement.errors.js';

/** What a party says it signed. */
export interface SignedStatement {
  readonly domain: SignatureDomain;
  readonly statement: { readonly party: string } & { readonly [name: string]: Json };
  readonly signature: string;
}

/** @throws BadAgreementSignatureError unless the party's own key signed exactly this statement. */
export function checkSignature({ domain, statement, signature }: SignedStatement): void {
  const isGenuine = verifyDocument(nodeEd25519, { signer: statement.party, domain, document: statement, signature });
  if (!isGenuine) throw new BadAgreementSignatureError(statement.party);
}
