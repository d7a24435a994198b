import { Logger } from '@nestjs/common';
import { BoundedLabels } from './bounded-labels.js';
import { counter, type LabelBounds, type LabelsOf, type Metric } from './declare.js';
import type { MetricsRegistry } from './metrics-registry.js';

/** How long an answer waits for a collector: less than a scraper has patience. */
const COLLECT_MS_MAX = 4_000;

/** A collector that fails or is late. What it measures is then missing rather than old. */
export const COLLECTIONS_FAILED = counter({
  name: 'kula_collections_failed_total', help: 'Times that values could not be read for an answer, so that they were missing in it.', labels: { collector: 100 },
});

/** Shows one value of a metric that is read when it is asked for. */
export type Show = <Bounds extends LabelBounds>(metric: Metric<'counter' | 'gauge', Bounds>, labels: LabelsOf<Bounds>, value: number) => void;

/** Values that are read from the state when somebody asks, not counted on the way: they survive restarts and never drift. */
export interface Collector {
  readonly name: string;
  /** Everything it may show. */
  readonly of: readonly Metric<'counter' | 'gauge'>[];
  /** How old values may be. */
  readonly freshMs: number;
  read(show: Show): Promise<void>;
}

interface Shown {
  readonly metric: Metric<'counter' | 'gauge'>;
  readonly labels: Record<string, string>;
  readonly value: number;
}

interface Reading {
  at: number;
  running: Promise<void> | undefined;
  /** What was shown last, to be taken away before the next. */
  shown: readonly Shown[];
}

/** What one service measures. Values of labels are bounded: see `BoundedLabels`. */
export class Metrics {
  private readonly logger = new Logger(Metrics.name);
  private readonly bounded = new Map<string, BoundedLabels>();
  private readonly ends: (() => void)[] = [];

  constructor(readonly service: string, readonly registry: MetricsRegistry, private readonly collectMsMax = COLLECT_MS_MAX) {}

  add<Bounds extends LabelBounds>(metric: Metric<'counter', Bounds>, labels: LabelsOf<Bounds>, by = 1): void {
    this.registry.instrumentOf(metric).inc(this.labelsOf(metric, labels), by);
  }

  set<Bounds extends LabelBounds>(metric: Metric<'gauge', Bounds>, labels: LabelsOf<Bounds>, value: number): void {
    this.registry.instrumentOf(metric).set(this.labelsOf(metric, labels), value);
  }

  observe<Bounds extends LabelBounds>(metric: Metric<'histogram', Bounds>, labels: LabelsOf<Bounds>, value: number): void {
    this.registry.instrumentOf(metric).observe(this.labelsOf(metric, labels), value);
  }

  /** Observes how long a piece of work takes, in seconds, whether it succeeds or not. */
  async timed<Bounds extends LabelBounds, Result>(metric: Metric<'histogram', Bounds>, labels: LabelsOf<Bounds>, work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.observe(metric, labels, (performance.now() - begin) / 1_000);
    }
  }

  /** Reads values whenever somebody asks and the last ones are too old. One reading at a time. */
  collect(collector: Collector): void {
    const reading: Reading = { at: -Infinity, running: undefined, shown: [] };
    for (const metric of collector.of) this.registry.instrumentOf(metric);
    this.ends.push(this.registry.beforeAnswer(() => this.refresh(collector, reading)));
  }

  /** Stops collecting. */
  close(): void {
    for (const end of this.ends.splice(0)) end();
  }

  private async refresh(collector: Collector, reading: Reading): Promise<void> {
    if (performance.now() - reading.at < collector.freshMs) return;
    reading.running ??= this.read(collector, reading).finally(() => { reading.running = undefined; });
    if (await isInTime(reading.running, this.collectMsMax)) return;
    this.fail(collector, reading, `nothing after ${this.collectMsMax} ms`);
  }

  private async read(collector: Collector, reading: Reading): Promise<void> {
    const values: Shown[] = [];
    const bounded = new Map(collector.of.map((metric) => [metric.name, new BoundedLabels(metric.labels)]));
    try {
      await collector.read((metric, labels, value) => {
        const bounds = bounded.get(metric.name);
        if (bounds === undefined) throw new TypeError(`${collector.name} shows ${metric.name}, which it does not name`);
        values.push({ metric, value, labels: { service: this.service, ...bounds.of(labels) } });
      });
    } catch (error) {
      return this.fail(collector, reading, error instanceof Error ? error.message : String(error));
    }
    reading.at = performance.now();
    this.show(reading, values);
  }

  /** What cannot be read is missing: an old value would look like a good one. */
  private fail({ name }: Collector, reading: Reading, reason: string): void {
    this.show(reading, []);
    this.add(COLLECTIONS_FAILED, { collector: name });
    this.logger.warn(`${name} cannot be measured: ${reason}`);
  }

  private show(reading: Reading, values: readonly Shown[]): void {
    for (const { metric, labels } of reading.shown) this.registry.instrumentOf(metric).remove(labels);
    for (const { metric, labels, value } of values) this.registry.instrumentOf(metric).inc(labels, value);
    reading.shown = values;
  }

  private labelsOf(metric: Metric, labels: Readonly<Record<string, string>>): Record<string, string> {
    const known = this.bounded.get(metric.name) ?? new BoundedLabels(metric.labels);
    this.bounded.set(metric.name, known);
    return { service: this.service, ...known.of(labels) };
  }
}

/** Waits for a reading, but not for ever: a database that hangs must not hide everything else. */
async function isInTime(running: Promise<void>, msMax: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => { timer = setTimeout(() => resolve(false), msMax); });
  try {
    return await Promise.race([running.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
