/** Services of a node, in the order in which they are listed to people. Each has one login and one schema in the node's database. */
export const SERVICE_NAMES = [
  'gateway', 'federation', 'identity', 'matching-engine', 'exchange-manager', 'trust-attestation', 'agreement-manager', 'clearing',
];
