/** Services of a node, in the order in which they are listed to people. Each has one login and one schema in the node's database. */
export const SERVICE_NAMES = [
  'gateway', 'federation', 'identity', 'matching-engine', 'exchange-manager', 'trust-attestation', 'agreement-manager', 'clearing',
];

/** Login of a service, which is also the name of its schema: what `provisionDatabase` makes. */
export const loginOf = (service) => service.replaceAll('-', '_');
