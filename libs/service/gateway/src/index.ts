export { gatewayService } from './gateway-service.js';
export { GATEWAY_METRICS } from './gateway.metrics.js';
export { buildDocument, type DocumentSubject, type OpenApiDocument } from './openapi/build-document.js';
export { ROUTES } from './routes/route-table.js';
export type { Route } from './routes/route.js';
