import type { cooperativeProfileStatement } from '@kula/contracts';
import { hashDocument, verifyDocument } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import type { z } from 'zod';
import { BadSignatureError } from '../registry/domain/registry.errors.js';
import type { Profile } from './domain/profile.js';

export type ProfileStatement = z.infer<typeof cooperativeProfileStatement>;

/** What a cooperative says about itself. @throws BadSignatureError unless its own key signed exactly this statement. */
export function profileOf(statement: ProfileStatement, signature: string): Profile {
  const signer = statement.cooperative_id;
  if (!verifyDocument(nodeEd25519, { signer, domain: 'sep/cooperative-profile/v1', document: statement, signature })) throw new BadSignatureError(signer);
  const { node_id: homeNode, description, place, capabilities, units, contact, made_at: madeAt } = statement;
  return {
    cooperativeId: signer, homeNode, description, place, capabilities, units, contact, madeAt, madeAtMs: Date.parse(madeAt),
    statementHash: hashDocument(statement), signature,
  };
}
