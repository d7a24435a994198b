import { agreement } from '@kula/contracts';
import { route, type Route } from './route.js';

export const AGREEMENT_ROUTES: readonly Route[] = [
  route({
    method: 'POST', path: '/v1/agreements', operation: agreement.draftAgreement,
    status: 201, location: '/v1/agreements/{agreementId}',
  }),
  route({ method: 'GET', path: '/v1/agreements', operation: agreement.listAgreements }),
  route({ method: 'GET', path: '/v1/agreements/{agreementId}', operation: agreement.getAgreement }),
  route({ method: 'POST', path: '/v1/agreements/{agreementId}/proposal', operation: agreement.proposeAgreement }),
  route({ method: 'POST', path: '/v1/agreements/{agreementId}/signatures', operation: agreement.signAgreement }),
  route({ method: 'POST', path: '/v1/agreements/{agreementId}/actions', operation: agreement.actOnAgreement }),
];
