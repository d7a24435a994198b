import { OPERATIONS, type Operation } from '@kula/contracts';
import { AGREEMENT_ROUTES } from './agreement.routes.js';
import { CLEARING_ROUTES } from './clearing.routes.js';
import { EXCHANGE_ROUTES } from './exchange.routes.js';
import { FEDERATION_ROUTES } from './federation.routes.js';
import { IDENTITY_ROUTES } from './identity.routes.js';
import { MATCHING_ROUTES } from './matching.routes.js';
import type { Route } from './route.js';
import { TRUST_ROUTES } from './trust.routes.js';

/** Every route of the gateway, by context. */
export const ROUTES: readonly Route[] = [
  ...IDENTITY_ROUTES, ...MATCHING_ROUTES, ...EXCHANGE_ROUTES, ...TRUST_ROUTES, ...AGREEMENT_ROUTES, ...CLEARING_ROUTES, ...FEDERATION_ROUTES,
];

/** Operations that services ask each other and nobody asks through the door: those that no role may call. */
export const INTERNAL_OPERATIONS: readonly Operation[] = OPERATIONS.filter(({ roles }) => roles.length === 0);
