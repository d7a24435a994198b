import { clearing } from '@kula/contracts';
import { route, type Route } from './route.js';

export const CLEARING_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/v1/agreements/{agreementId}/positions', operation: clearing.listPositions }),
  route({
    method: 'POST', path: '/v1/obligations', operation: clearing.recordObligation,
    status: 201, location: '/v1/obligations/{obligationId}',
  }),
  route({ method: 'GET', path: '/v1/obligations', operation: clearing.listObligations }),
  route({ method: 'GET', path: '/v1/obligations/{obligationId}', operation: clearing.getObligation }),
  route({ method: 'POST', path: '/v1/obligations/{obligationId}/confirmation', operation: clearing.confirmObligation }),
  route({
    method: 'POST', path: '/v1/clearing-runs', operation: clearing.openClearingRun,
    status: 201, location: '/v1/clearing-runs/{runId}',
  }),
  route({ method: 'GET', path: '/v1/clearing-runs', operation: clearing.listClearingRuns }),
  route({ method: 'GET', path: '/v1/clearing-runs/{runId}', operation: clearing.getClearingRun }),
  route({ method: 'POST', path: '/v1/clearing-runs/{runId}/approvals', operation: clearing.approveClearingRun }),
];
