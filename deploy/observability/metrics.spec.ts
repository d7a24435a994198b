import { describe, expect, it } from '@jest/globals';
import { MESSAGING_METRICS } from '@kula/platform-messaging';
import { PERSISTENCE_METRICS } from '@kula/platform-persistence';
import { COLLECTIONS_FAILED, type Metric } from '@kula/platform-runtime';
import { FEDERATION_METRICS } from '@kula/service-federation';
import { GATEWAY_METRICS } from '@kula/service-gateway';
import { listIn, textAt, treeIn, yamlAt, type Tree } from '../deployment-files.js';

const CHAPTERS: readonly (readonly [string, readonly Metric[]])[] = [
  ['Every service', [...MESSAGING_METRICS, ...PERSISTENCE_METRICS, COLLECTIONS_FAILED]], ['The federation service', FEDERATION_METRICS], ['The gateway', GATEWAY_METRICS],
];
const declared = CHAPTERS.flatMap(([, metrics]) => metrics);

const boundWords = ([label, bound]: [string, readonly string[] | number]): string => `\`${label}\`${typeof bound === 'number' ? '' : ` (${bound.join(', ')})`}`;
const rowOf = ({ name, kind, labels, help }: Metric): string => `| \`${name}\` | ${kind} | ${Object.entries(labels).map(boundWords).join(', ')} | ${help} |`;
const tableOf = (metrics: readonly Metric[]): string => ['| Metric | Kind | Labels | What it says |', '|---|---|---|---|', ...metrics.map(rowOf)].join('\n');

const page = textAt('docs/operating-metrics.md');

describe('docs/operating-metrics.md', () => {
  // Where this fails, the table below the heading is to be replaced by the one in the message.
  it.each(CHAPTERS)('%s: lists what is declared, word for word', (heading, metrics) => {
    const [, section = ''] = new RegExp(`\n## ${heading}\n([^]*?)(?=\n## |$)`).exec(page) ?? [];
    expect(section.split('\n').filter((line) => line.startsWith('|')).join('\n')).toBe(tableOf(metrics));
  });

  it('lists nothing twice', () => {
    expect(new Set(declared.map(({ name }) => name)).size).toBe(declared.length);
  });
});

describe('the alert rules', () => {
  const rules = listIn<Tree>(yamlAt('deploy/observability/alerts.yaml'), 'groups').flatMap((group) => listIn<Tree>(group, 'rules'));
  const named = rules.map((rule) => [String(rule['alert']), rule] as const);
  const series = new Set(declared.flatMap(({ name, kind }) => (kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])));

  it('are five', () => { expect(new Set(named.map(([name]) => name)).size).toBe(5); });

  it.each(named)('%s asks for what is measured, and says what to do', (_, rule) => {
    const asked = [...String(rule['expr']).matchAll(/kula_\w+/g)].map(([name]) => name);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !series.has(name))).toEqual([]);
    const { summary, runbook } = treeIn(rule, 'annotations') as Record<string, string>;
    expect([summary, runbook].every((text) => (text ?? '').length > 20)).toBe(true);
  });

  it.each(named)('%s filters by values that its labels can have', (_, rule) => {
    for (const [, name = '', filters = ''] of String(rule['expr']).matchAll(/(kula_\w+)\{([^}]*)\}/g)) {
      const metric = declared.find((each) => each.name === name);
      for (const [, label = '', value = ''] of filters.matchAll(/(\w+)="(\w+)"/g)) {
        const bound = metric?.labels[label];
        expect([label, typeof bound === 'number' || bound?.includes(value) === true]).toEqual([label, true]);
      }
    }
  });
});

describe('what Prometheus scrapes', () => {
  it('is every service of compose, on the port that compose sets', () => {
    const services = treeIn(yamlAt('docker-compose.yml'), 'services') as Record<string, Tree>;
    const watched = Object.entries(services).flatMap(([name, service]) => {
      const port = (service['environment'] as Tree | undefined)?.['KULA_METRICS_PORT'];
      return port === undefined ? [] : [`${name}:${String(port)}`];
    });
    const [job] = listIn<Tree>(yamlAt('deploy/observability/prometheus.yaml'), 'scrape_configs');
    const [targets] = listIn<Tree>(job ?? {}, 'static_configs');
    expect(watched.length).toBeGreaterThan(5);
    expect(listIn<string>(targets ?? {}, 'targets').toSorted()).toEqual(watched.toSorted());
  });
});
