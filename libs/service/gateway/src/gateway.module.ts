import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { identity } from '@kula/contracts';
import { OperationClient } from '@kula/platform-messaging';
import { PersistenceModule, schemaOf } from '@kula/platform-persistence';
import { Chance, Clock, Metrics, type ServiceSettings } from '@kula/platform-runtime';
import type { GatewaySettings } from './gateway.settings.js';
import { Admission } from './http/admission.js';
import { HttpDoor } from './http/http-door.js';
import { MetricsDoor } from './http/metrics-door.js';
import { OperationDoor } from './http/operation-door.js';
import { Refusals } from './http/refusals.js';
import { RequestMeasure } from './http/request-measure.js';
import { UnknownAddressFilter } from './http/unknown-address.filter.js';
import { WriteLimit } from './http/write-limit.js';
import { AnswerOnce } from './idempotency/answer-once.js';
import { IdempotencyRecords } from './idempotency/idempotency-records.js';
import { RecordSweeper } from './idempotency/record-sweeper.js';
import { SqlIdempotencyRecords } from './idempotency/sql-idempotency-records.js';
import { CreateIdempotencyRecord1767258000000 } from './migrations/1767258000000-create-idempotency-record.js';
import { Pages } from './pages/pages.js';
import { ProblemPresenter } from './problems/problem.presenter.js';
import { TokenBuckets } from './rate/token-buckets.js';
import { ROUTES } from './routes/route-table.js';
import { SessionAuthenticator } from './session/session-authenticator.js';
import { SessionKeys } from './session/session-keys.js';

function sessions(nodeId: string): Provider {
  return {
    provide: SessionAuthenticator, inject: [OperationClient, Clock, Chance],
    useFactory: (operations: OperationClient, clock: Clock, chance: Chance) => {
      const fetchKeys = () => operations.request(identity.listSessionKeys, {}, { caller: null, correlationId: chance.uuid() });
      return new SessionAuthenticator(new SessionKeys(fetchKeys, clock), nodeId, clock);
    },
  };
}

/** Wiring of the gateway. */
@Module({})
export class GatewayModule {
  static for(service: ServiceSettings, own: GatewaySettings): DynamicModule {
    const problems = new ProblemPresenter(own.KULA_GATEWAY_URL?.replace(/\/$/, '') ?? '');
    const pages = new Pages({ nodeName: own.KULA_NODE_NAME, publicUrl: own.KULA_GATEWAY_URL, routes: ROUTES, problems });
    return {
      module: GatewayModule,
      imports: [PersistenceModule.forService(service.KULA_DATABASE_URL, {
        schema: schemaOf('gateway'), entities: [], migrations: [CreateIdempotencyRecord1767258000000],
      })],
      providers: [
        { provide: ProblemPresenter, useValue: problems }, { provide: Pages, useValue: pages }, sessions(service.KULA_NODE_ID),
        { provide: WriteLimit, inject: [Clock], useFactory: (clock: Clock) => new WriteLimit(new TokenBuckets(own.KULA_GATEWAY_RATE_PER_MINUTE), clock) },
        { provide: MetricsDoor, inject: [Metrics], useFactory: (metrics: Metrics) => new MetricsDoor(metrics, own.KULA_METRICS_TOKEN) }, RequestMeasure,
        { provide: IdempotencyRecords, useClass: SqlIdempotencyRecords },
        AnswerOnce, RecordSweeper, OperationDoor, Admission, Refusals, HttpDoor, UnknownAddressFilter,
      ],
    };
  }
}
