import { matching } from '@kula/contracts';
import { route, type Route } from './route.js';

export const MATCHING_ROUTES: readonly Route[] = [
  route({
    method: 'POST', path: '/v1/listings', operation: matching.publishListing,
    status: 201, location: '/v1/listings/{listingId}',
  }),
  route({ method: 'GET', path: '/v1/listings', operation: matching.listListings }),
  route({ method: 'GET', path: '/v1/listings/{listingId}', operation: matching.getListing }),
  route({ method: 'POST', path: '/v1/listings/{listingId}/withdrawal', operation: matching.withdrawListing }),
  route({ method: 'GET', path: '/v1/listings/{listingId}/disclosures', operation: matching.listDisclosures }),
  route({ method: 'GET', path: '/v1/visibility', operation: matching.getVisibilityPolicy }),
  route({ method: 'GET', path: '/v1/rings', operation: matching.listRings }),
  route({ method: 'POST', path: '/v1/searches', operation: matching.runSearch, isIdempotent: false }),
];
