import type { Json } from '@kula/kernel-crypto';
import { verifyDocument, type SignatureDomain } from '@kula/kernel-crypto';
import { MalformedMessageError } from '@kula/platform-messaging';
import { nodeEd25519 } from '@kula/platform-runtime';
import { BadSignatureError } from '../arrangement/domain/arrangement.errors.js';
import type { Arrangement } from '../arrangement/domain/arrangement.js';
import { NotYourObligationError, SamePartyError } from './domain/obligation.errors.js';
import type { ObligationStatement } from './domain/obligation.js';

/** A statement, who signed it, and through which node it came. */
export interface SignedObligation {
  readonly statement: ObligationStatement;
  readonly signer: string;
  readonly signature: string;
  readonly node: string;
}

/** What a party says it signed. */
export interface SignedStatement {
  readonly domain: SignatureDomain;
  readonly signer: string;
  readonly statement: { readonly [name: string]: Json };
  readonly signature: string;
}

/** @throws BadSignatureError unless the signer's own key signed exactly this statement. */
export function checkSignature({ domain, signer, statement, signature }: SignedStatement): void {
  if (!verifyDocument(nodeEd25519, { signer, domain, document: statement, signature })) throw new BadSignatureError(signer);
}

/** @throws MalformedMessageError where the reference holds what no document can: halves of characters, or the zero character. */
export function checkReference(reference: string, pointer: string): void {
  if (!reference.isWellFormed() || reference.includes('\0')) throw new MalformedMessageError([{ pointer, detail: 'must be text' }]);
}

/** Judges a statement under its arrangement, in the order of the contract. @throws the first refusal that applies. */
export function checkStatement(arrangement: Arrangement, { statement, signer, signature, node }: SignedObligation): void {
  const { debtor, creditor, unit } = statement;
  if (debtor === creditor) throw new SamePartyError(debtor);
  arrangement.demandParty(debtor);
  arrangement.demandParty(creditor);
  if (signer !== debtor && signer !== creditor) throw new NotYourObligationError(signer);
  if (arrangement.homeOf(signer) !== node) throw new NotYourObligationError(signer);
  arrangement.demandUnit(unit);
  checkSignature({ domain: 'sep/obligation/v1', signer, statement: { ...statement }, signature });
}
