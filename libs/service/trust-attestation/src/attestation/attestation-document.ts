import { attestationIssued, type trustAttestation } from '@kula/contracts';
import { fromBase64url, signingBytes } from '@kula/kernel-crypto';
import { isBoundedJson } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import type { z } from 'zod';

/** An attestation as it was received, with members this node does not know. */
export type AttestationDocument = z.output<typeof trustAttestation>;

/**
 * True where this public key signed everything else in the document. Never throws.
 *
 * What an entry cannot carry (lone surrogates, endless nesting) has no canonical form, and nobody can have signed it.
 */
export function isSignedWith(publicKey: Uint8Array | undefined, { node_signature: signature, ...document }: AttestationDocument): boolean {
  if (publicKey === undefined || !isBoundedJson(document)) return false;
  const { domain } = attestationIssued.nodeSignature ?? {};
  const bytes = fromBase64url(signature);
  return domain !== undefined && bytes?.length === 64 && nodeEd25519.verify(publicKey, signingBytes(domain, document), bytes);
}

/** The attested satisfaction rate in millionths. */
export const attestedSatisfaction = ({ claims }: AttestationDocument): number => Math.round(claims.satisfaction_rate * 1_000_000);

/** True from the moment of expiry on. */
export const isExpiredAt = ({ expires_at: expiresAt }: AttestationDocument, now: Date): boolean => now.getTime() >= Date.parse(expiresAt);
