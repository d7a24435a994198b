import { ServerNats, type MessageHandler, type NatsOptions } from '@nestjs/microservices';
import type { Metrics } from '@kula/platform-runtime';
import { isObservable, tap, type Observable } from 'rxjs';
import { OPERATION_DURATION } from './messaging.metrics.js';

type Outcome = 'answered' | 'refused' | 'unavailable' | 'failed';

/** How an operation ended, by the code under which its error goes over the wire. */
function outcomeOf(error: unknown): Outcome {
  const { code } = Object(error) as { readonly code?: unknown };
  if (code === 'dependency.unavailable') return 'unavailable';
  return typeof code === 'string' && code !== 'internal' ? 'refused' : 'failed';
}

/** Nest's NATS transport, which also measures what is asked of the service. */
export class OperationServer extends ServerNats {
  constructor(options: Required<NatsOptions>['options'], private readonly metrics: Metrics) {
    super(options);
  }

  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras: Record<string, unknown> = {}): void {
    super.addHandler(pattern, isEventHandler ? callback : this.measured(String(pattern), callback), isEventHandler, extras);
  }

  private measured(subject: string, handler: MessageHandler): MessageHandler {
    return async (message: unknown, context: unknown): Promise<Observable<unknown>> => {
      const begin = performance.now();
      const end = (outcome: Outcome) => this.metrics.observe(OPERATION_DURATION, { subject, outcome }, (performance.now() - begin) / 1_000);
      try {
        const answer: unknown = await handler(message, context);
        if (isObservable(answer)) return answer.pipe(tap({ complete: () => end('answered'), error: (error: unknown) => end(outcomeOf(error)) }));
        end('answered');
        return answer as Observable<unknown>;
      } catch (error) {
        end(outcomeOf(error));
        throw error;
      }
    };
  }
}
