import { did, domainName, gatewayAddress, plainLine } from '@kula/contracts';
import { isDid } from '@kula/kernel-crypto';
import { z } from 'zod';

/** How this node introduces itself. The federation service announces the same settings in the first entry of the log. */
export const identitySettings = z.object({
  KULA_NODE_NAME: plainLine,
  KULA_NODE_DOMAIN: domainName,
  KULA_GATEWAY_URL: gatewayAddress,
  KULA_OPERATOR_ID: did.refine(isDid, 'must be an Ed25519 did:key'),
});

export type IdentitySettings = z.infer<typeof identitySettings>;
