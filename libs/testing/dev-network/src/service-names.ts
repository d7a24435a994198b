/** Services of a node, in the order in which they are listed to people. */
export const SERVICE_NAMES = [
  'gateway', 'federation', 'identity', 'matching-engine', 'exchange-manager', 'trust-attestation', 'agreement-manager', 'clearing',
] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
