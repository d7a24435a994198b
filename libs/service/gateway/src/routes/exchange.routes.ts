import { exchange } from '@kula/contracts';
import { route, type Route } from './route.js';

export const EXCHANGE_ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/v1/chains', operation: exchange.listChains }),
  route({ method: 'GET', path: '/v1/chains/{chainId}', operation: exchange.getChain }),
  route({ method: 'GET', path: '/v1/chains/{chainId}/timeline', operation: exchange.getTimeline }),
  route({ method: 'POST', path: '/v1/chains/{chainId}/consents', operation: exchange.giveConsent }),
  route({ method: 'POST', path: '/v1/chains/{chainId}/legs/{legId}/signals', operation: exchange.giveSignal }),
];
