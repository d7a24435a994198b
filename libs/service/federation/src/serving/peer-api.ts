import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { PeerRefusal } from '@kula/contracts';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { Clock, Metrics, type LabelsOf } from '@kula/platform-runtime';
import { PEER_REQUESTS } from '../metrics/federation.metrics.js';
import { PeerDirectory } from '../peers/peer-directory.js';
import { LogConnection } from '../streams/log-connection.js';
import { TokenBucket } from './domain/token-bucket.js';
import { PEER_ANSWERINGS, type PeerAnswering } from './peer-answering.js';
import { RequestRefusedError } from './request-refused.error.js';

const REQUEST_BYTES_MAX = 4_096;
const BUDGET = { perSecond: 20, atOnce: 40 };
const encoder = new TextEncoder();
const refusal = (refused: string, detail: string): Uint8Array => encoder.encode(JSON.stringify({ refused, detail } satisfies PeerRefusal));
const TOO_MANY = refusal('federation.too_many_requests', 'ask less often');
const AWAY = refusal('federation.unavailable', 'try again later');

/**
 * The door of this node for its peers.
 *
 * Who asks is the last token of the subject: the accounts of the nats-server let a peer use its own id only. Replicas share
 * the work. Whoever asks too often is told so once and then not heard until it has rested.
 */
@Injectable()
export class PeerApi implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PeerApi.name);
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly strangers: TokenBucket;
  private readonly subscriptions: Subscription[] = [];

  constructor(
    private readonly connection: LogConnection, private readonly peers: PeerDirectory, private readonly clock: Clock,
    @Inject(PEER_ANSWERINGS) private readonly answerings: readonly PeerAnswering[], private readonly metrics: Metrics,
  ) {
    this.strangers = new TokenBucket(BUDGET, this.clock.now().getTime());
  }

  onApplicationBootstrap(): void {
    for (const answering of this.answerings) this.serve(answering);
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  private serve(answering: PeerAnswering): void {
    const { verb } = answering;
    this.subscriptions.push(this.connection.connection.subscribe(`${verb}.*`, {
      queue: 'federation',
      callback: (_error, message) => {
        const caller = message.subject.slice(verb.length + 1);
        const given = this.bucketOf(caller).take(this.clock.now().getTime());
        if (given === 'given') return void this.answer(message, caller, answering);
        this.count(answering, 'too_many');
        if (given === 'dry') message.respond(TOO_MANY);
      },
    }));
  }

  private count({ verb }: PeerAnswering, outcome: LabelsOf<typeof PEER_REQUESTS.labels>['outcome']): void {
    const [, last = ''] = verb.split('.');
    this.metrics.add(PEER_REQUESTS, { verb: last as LabelsOf<typeof PEER_REQUESTS.labels>['verb'], outcome });
  }

  private bucketOf(caller: string): TokenBucket {
    const known = this.buckets.get(caller);
    if (known !== undefined || !this.peers.answers(caller)) return known ?? this.strangers;
    const bucket = new TokenBucket(BUDGET, this.clock.now().getTime());
    this.buckets.set(caller, bucket);
    return bucket;
  }

  private async answer(message: Msg, caller: string, answering: PeerAnswering): Promise<void> {
    try {
      if (!this.peers.answers(caller)) throw new RequestRefusedError('federation.peer_unknown', 'you are no peer of this node');
      const answer = await answering.handle(requestIn(message.data), caller);
      message.respond(JSON.stringify(answer));
      this.count(answering, 'given');
    } catch (error) {
      this.count(answering, error instanceof RequestRefusedError ? 'refused' : 'failed');
      if (error instanceof RequestRefusedError) message.respond(refusal(error.code, error.message));
      else {
        this.logger.error(`${message.subject} is not answered: ${error instanceof Error ? error.message : String(error)}`);
        message.respond(AWAY);
      }
    }
  }
}

function requestIn(bytes: Uint8Array): unknown {
  if (bytes.length > REQUEST_BYTES_MAX) throw new RequestRefusedError('federation.request_malformed', `a request has at most ${REQUEST_BYTES_MAX} bytes`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new RequestRefusedError('federation.request_malformed', 'a request is JSON');
  }
}
