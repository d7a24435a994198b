import { federation } from '@kula/contracts';
import { route, type Route } from './route.js';

export const FEDERATION_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/v1/status', operation: federation.getPublicStatus }),
  route({ method: 'GET', path: '/v1/federation', operation: federation.getFederationStatus }),
  route({ method: 'GET', path: '/v1/federation/entries', operation: federation.listEntries }),
  route({ method: 'POST', path: '/v1/federation/confirmation', operation: federation.confirmOwnLog }),
  route({ method: 'GET', path: '/v1/peers', operation: federation.listPeers }),
  route({ method: 'GET', path: '/v1/peers/{nodeId}', operation: federation.getPeer }),
  route({ method: 'POST', path: '/v1/peers', operation: federation.requestLink, status: 201, location: '/v1/peers/{nodeId}' }),
  route({ method: 'POST', path: '/v1/peers/{nodeId}/actions', operation: federation.actOnPeer }),
  route({ method: 'GET', path: '/v1/peers/{nodeId}/impact', operation: federation.previewAction }),
  route({ method: 'POST', path: '/v1/relayed-nodes', operation: federation.admitIssuer, status: 201, location: '/v1/peers/{nodeId}' }),
  route({ method: 'POST', path: '/v1/link-statements', operation: federation.receiveLinkStatement, isIdempotent: false }),
  route({ method: 'GET', path: '/v1/admissions', operation: federation.listNodesAdmitted }),
  route({ method: 'GET', path: '/v1/admissions/csv', operation: federation.exportAdmissions }),
  route({ method: 'POST', path: '/v1/admissions', operation: federation.importAdmissions }),
  route({ method: 'GET', path: '/v1/equivocations', operation: federation.listEquivocations }),
  route({ method: 'POST', path: '/v1/issuers/{issuer}/release', operation: federation.releaseIssuer }),
];
