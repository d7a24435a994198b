import { federation } from '@kula/contracts';
import { route, type Route } from './route.js';

export const FEDERATION_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/v1/federation', operation: federation.getFederationStatus }),
  route({ method: 'GET', path: '/v1/federation/entries', operation: federation.listEntries }),
];
