import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from 'prom-client';
import type { Metric, MetricKind } from './declare.js';

type Instrument<Kind extends MetricKind> = { counter: Counter; gauge: Gauge; histogram: Histogram }[Kind];

/** Gauges of Node's own set whose names end like counters. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Everything that is measured in one process, for whoever scrapes it: the services of the process share it. */
export class MetricsRegistry {
  /** OpenMetrics 1.0, which Prometheus and the OpenTelemetry collector read. */
  readonly contentType = Registry.OPENMETRICS_CONTENT_TYPE;
  private readonly registry = new Registry<OpenMetricsContentType>();
  private readonly instruments = new Map<string, Counter | Gauge | Histogram>();
  private readonly collectors = new Set<() => Promise<void>>();

  constructor() {
    this.registry.setContentType(this.contentType);
  }

  /** Adds what Node itself knows of the process: processor, memory, event loop, garbage collection. To be called once in a process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  /** Calls back before every answer. Answers how to stop that. The callback must not throw. */
  beforeAnswer(collector: () => Promise<void>): () => void {
    this.collectors.add(collector);
    return () => { this.collectors.delete(collector); };
  }

  /** The present values as OpenMetrics text. */
  async text(): Promise<string> {
    await Promise.all([...this.collectors].map((collect) => collect()));
    return this.registry.metrics();
  }

  /** The instrument of a metric, made where it is new. */
  instrumentOf<Kind extends MetricKind>({ kind, name, help, labels, buckets }: Metric<Kind>): Instrument<Kind> {
    const known = this.instruments.get(name);
    if (known !== undefined) return known as Instrument<Kind>;
    const options = { name, help, labelNames: ['service', ...Object.keys(labels)], registers: [this.registry] };
    const made = kind === 'counter' ? new Counter(options) : kind === 'gauge' ? new Gauge(options) : new Histogram({ ...options, buckets: [...buckets] });
    this.instruments.set(name, made);
    return made as Instrument<Kind>;
  }
}
