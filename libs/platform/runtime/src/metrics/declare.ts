/** Values a label may have: those that are named, or at most so many that come up. Every other one is shown as `other`. */
export type LabelBound = readonly string[] | number;

export type LabelBounds = Readonly<Record<string, LabelBound>>;

/** A value for every label of a metric. */
export type LabelsOf<Bounds extends LabelBounds> = {
  readonly [Label in keyof Bounds]: Bounds[Label] extends readonly (infer Value extends string)[] ? Value : string;
};

export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** What a metric is, as the one constant that code, the endpoint and the documentation read. */
export interface Metric<Kind extends MetricKind = MetricKind, Bounds extends LabelBounds = LabelBounds> {
  readonly kind: Kind;
  /** Begins with `kula_`, ends with its base unit (seconds, bytes, or what is counted); a counter ends with `_total`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** Besides these, every metric has `service`. */
  readonly labels: Bounds;
  /** Upper ends of the classes of a histogram, ascending; empty for others. */
  readonly buckets: readonly number[];
}

interface Words<Bounds extends LabelBounds> {
  readonly name: string;
  readonly help: string;
  readonly labels?: Bounds;
}

const NAME = /^kula(_[a-z0-9]+)+$/;
const LABEL = /^[a-z]+(_[a-z]+)*$/;
const RESERVED = ['service', 'le', 'quantile'];
/** Unlike its seconds, the thousandths of a duration have no place in a name: one base unit for each dimension. */
const OTHER_UNIT = /_(ms|milliseconds|minutes|hours|kb|kilobytes|megabytes|percent)(_total)?$/;

/** What has to be so of a metric, in words. */
const RULES: readonly (readonly [string, (metric: Metric) => boolean])[] = [
  ['its name is lower case and begins with kula_', ({ name }) => NAME.test(name)],
  ['its unit is a base unit: seconds or bytes', ({ name }) => !OTHER_UNIT.test(name)],
  ['counters, and they alone, end with _total', ({ kind, name }) => (kind === 'counter') === name.endsWith('_total')],
  ['its help is one sentence', ({ help }) => /^[A-Z].*[.]$/.test(help)],
  ['a histogram measures seconds or bytes', ({ kind, name }) => kind !== 'histogram' || /_(seconds|bytes)$/.test(name)],
  ['its classes ascend', ({ buckets }) => buckets.every((end, at) => end > (buckets[at - 1] ?? 0))],
  ['its labels have names', ({ labels }) => Object.keys(labels).every((label) => LABEL.test(label) && !RESERVED.includes(label))],
];

function check(metric: Metric): void {
  const [broken] = RULES.find(([, holds]) => !holds(metric)) ?? [];
  if (broken !== undefined) throw new TypeError(`${metric.name} is no metric of Kula: ${broken}`);
}

function declare<Kind extends MetricKind, Bounds extends LabelBounds>(kind: Kind, words: Words<Bounds>, buckets: readonly number[] = []): Metric<Kind, Bounds> {
  const metric: Metric<Kind, Bounds> = { kind, name: words.name, help: words.help, labels: words.labels ?? ({} as Bounds), buckets };
  check(metric);
  return Object.freeze(metric);
}

/** Something that only grows. @throws TypeError where the name, the help or a label breaks the rules, here as below. */
export const counter = <const Bounds extends LabelBounds = Record<never, never>>(words: Words<Bounds>) => declare('counter', words);

/** Something that goes up and down. */
export const gauge = <const Bounds extends LabelBounds = Record<never, never>>(words: Words<Bounds>) => declare('gauge', words);

/** Classes for things that take a millisecond to ten seconds. */
const DURATION_BUCKETS = [0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How long something takes, or how large it is, in classes. */
export const histogram = <const Bounds extends LabelBounds = Record<never, never>>(words: Words<Bounds> & { readonly buckets?: readonly number[] }) =>
  declare('histogram', words, words.buckets ?? DURATION_BUCKETS);
