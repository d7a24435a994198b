import { identity } from '@kula/contracts';
import { route, type Route } from './route.js';

export const IDENTITY_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/v1/node', operation: identity.getNode }),
  route({ method: 'GET', path: '/v1/nodes', operation: identity.listNodes }),
  route({ method: 'GET', path: '/v1/nodes/{nodeId}', operation: identity.findNode }),
  route({
    method: 'POST', path: '/v1/cooperatives', operation: identity.registerCooperative,
    status: 201, location: '/v1/cooperatives/{cooperativeId}',
  }),
  route({ method: 'GET', path: '/v1/cooperatives', operation: identity.listCooperatives }),
  route({ method: 'GET', path: '/v1/cooperatives/{cooperativeId}', operation: identity.getCooperative }),
  route({ method: 'POST', path: '/v1/cooperatives/{cooperativeId}/profile', operation: identity.setCooperativeProfile }),
  route({
    method: 'POST', path: '/v1/participants', operation: identity.registerParticipant,
    status: 201, location: '/v1/participants/{participantId}',
  }),
  route({ method: 'GET', path: '/v1/participants', operation: identity.listParticipants }),
  route({ method: 'GET', path: '/v1/participants/{participantId}', operation: identity.getParticipant }),
  route({ method: 'GET', path: '/v1/registry', operation: identity.searchRegistry }),
  route({ method: 'GET', path: '/v1/claims', operation: identity.listClaims }),
  route({ method: 'POST', path: '/v1/challenges', operation: identity.openChallenge, status: 201, isIdempotent: false }),
  route({ method: 'POST', path: '/v1/sessions', operation: identity.openSession, status: 201, isIdempotent: false }),
  route({ method: 'GET', path: '/.well-known/jwks.json', operation: identity.listSessionKeys }),
];
