import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { parseOpenMetrics } from '@kula/testing-fixtures';
import { counter, gauge, histogram } from './declare.js';
import { COLLECTIONS_FAILED, Metrics } from './metrics.js';
import { MetricsRegistry } from './metrics-registry.js';

Logger.overrideLogger(false);

const MET = counter({ name: 'kula_met_total', help: 'Meetings.', labels: { where: ['north', 'south'], who: 3 } });
const WAITING = gauge({ name: 'kula_waiting_things', help: 'Things that wait.', labels: { peer: 2 } });
const TAKEN = histogram({ name: 'kula_taken_seconds', help: 'How long it took.', buckets: [0.1, 1] });
const SEEN = counter({ name: 'kula_seen_total', help: 'Seen.' });

let registry: MetricsRegistry;
let metrics: Metrics;
beforeEach(() => {
  registry = new MetricsRegistry();
  metrics = new Metrics('spec', registry);
});

const families = async () => parseOpenMetrics(await registry.text());
const samplesOf = async (name: string) => (await families()).get(name)?.samples.map(({ labels: { service: _, ...labels }, value }) => [labels, value]);

describe('what is measured', () => {
  it('comes out as OpenMetrics, however often it is asked for', async () => {
    metrics.add(MET, { where: 'north', who: 'ana' }, 2);
    metrics.set(WAITING, { peer: 'south' }, 3.5);
    for (const seconds of [0.05, 0.5, 5]) metrics.observe(TAKEN, {}, seconds);
    const first = await families();
    expect(first.get('kula_met')).toEqual({ name: 'kula_met', type: 'counter', help: 'Meetings.', samples: [{ name: 'kula_met_total', labels: { service: 'spec', where: 'north', who: 'ana' }, value: 2 }] });
    expect(first.get('kula_waiting_things')).toMatchObject({ type: 'gauge', samples: [{ labels: { service: 'spec', peer: 'south' }, value: 3.5 }] });
    expect(first.get('kula_taken_seconds')?.samples.map(({ labels: { le = null }, value }) => [le, value])).toEqual([['0.1', 1], ['1', 2], ['+Inf', 3], [null, 5.55], [null, 3]]);
    expect(await families()).toEqual(first);
  });

  it('is told apart by service where several share a process', async () => {
    new Metrics('other', registry).add(SEEN, {});
    metrics.add(SEEN, {}, 2);
    expect((await families()).get('kula_seen')?.samples.map(({ labels, value }) => [labels['service'], value])).toEqual([['other', 1], ['spec', 2]]);
  });

  it('knows the process itself', async () => {
    registry.watchProcess();
    metrics.add(SEEN, {});
    expect([...(await families()).keys()]).toEqual(expect.arrayContaining(['process_cpu_seconds', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds', 'kula_seen']));
  });
});

describe('a label', () => {
  it('has no value but those that are named', async () => {
    metrics.add(MET, { where: 'west' as 'north', who: 'ana' });
    expect(await samplesOf('kula_met')).toEqual([[{ where: 'other', who: 'ana' }, 1]]);
  });

  it('has no more values than its bound, and keeps those it had', async () => {
    for (const who of ['ana', 'ben', 'cal', 'dia', 'eve', 'ana']) metrics.add(MET, { where: 'north', who });
    expect(await samplesOf('kula_met')).toEqual([['ana', 2], ['ben', 1], ['cal', 1], ['other', 2]].map(([who, count]) => [{ where: 'north', who }, count]));
  });

  it.each([`did:key:z6Mk${'a'.repeat(44)}`, 'a sentence', 'x'.repeat(81), '', 'new\nline', 'quote"'])('never is %j', async (who) => {
    metrics.add(MET, { where: 'north', who });
    expect(await samplesOf('kula_met')).toEqual([[{ where: 'north', who: 'other' }, 1]]);
  });
});

describe('a collector', () => {
  const collect = (read: Parameters<Metrics['collect']>[0]['read'], freshMs = 0) => metrics.collect({ name: 'spec', of: [WAITING, SEEN], freshMs, read });

  it('shows what is so now: what is gone is not shown, and a counter stands where the state says', async () => {
    let state: [string, number][] = [['south', 4], ['west', 1]];
    collect(async (show) => {
      for (const [peer, count] of state) show(WAITING, { peer }, count);
      show(SEEN, {}, 10 + state.length);
    });
    expect(await samplesOf('kula_waiting_things')).toEqual([[{ peer: 'south' }, 4], [{ peer: 'west' }, 1]]);
    state = [['west', 2]];
    expect(await samplesOf('kula_waiting_things')).toEqual([[{ peer: 'west' }, 2]]);
    expect(await samplesOf('kula_seen')).toEqual([[{}, 11]]);
  });

  it('is not asked again while its values are fresh, nor twice at once', async () => {
    let reads = 0;
    collect(async () => { reads += 1; }, 60_000);
    await Promise.all([registry.text(), registry.text()]);
    await registry.text();
    expect(reads).toBe(1);
  });

  it('that fails shows nothing rather than what was, is counted, and hides nothing else', async () => {
    let isBroken = false;
    collect(async (show) => {
      show(WAITING, { peer: 'south' }, 1);
      if (isBroken) throw new Error('the database is away');
    });
    metrics.add(MET, { where: 'north', who: 'ana' });
    expect(await samplesOf('kula_waiting_things')).toHaveLength(1);
    isBroken = true;
    await registry.text();
    const after = await families();
    expect(after.get('kula_waiting_things')?.samples).toEqual([]);
    expect(after.get('kula_met')?.samples).toHaveLength(1);
    expect(after.get(COLLECTIONS_FAILED.name.replace(/_total$/, ''))?.samples.map(({ labels, value }) => [labels, value])).toEqual([[{ service: 'spec', collector: 'spec' }, 2]]);
  });

  it('that hangs hides nothing else', async () => {
    const hurried = new Metrics('hurried', registry, 5);
    hurried.collect({ name: 'spec', of: [WAITING], freshMs: 0, read: () => new Promise(() => undefined) });
    metrics.add(MET, { where: 'north', who: 'ana' });
    expect(await samplesOf('kula_met')).toHaveLength(1);
    expect((await families()).get('kula_collections_failed')?.samples).toMatchObject([{ labels: { service: 'hurried', collector: 'spec' } }]);
  });

  it('is asked no more once its service has ended', async () => {
    let reads = 0;
    collect(async () => { reads += 1; });
    metrics.close();
    await registry.text();
    expect(reads).toBe(0);
  });
});

describe('a declaration', () => {
  it.each<[string, () => unknown]>([
    ['a counter without _total', () => counter({ name: 'kula_seen', help: 'Seen.' })], ['a gauge with _total', () => gauge({ name: 'kula_seen_total', help: 'Seen.' })],
    ['another unit', () => gauge({ name: 'kula_lag_ms', help: 'Lag.' })], ['another unit of a counter', () => counter({ name: 'kula_lag_minutes_total', help: 'Lag.' })],
    ['another prefix', () => gauge({ name: 'lag_seconds', help: 'Lag.' })], ['no sentence', () => gauge({ name: 'kula_lag_seconds', help: 'lag' })],
    ['a label of its own service', () => gauge({ name: 'kula_lag_seconds', help: 'Lag.', labels: { service: 3 } })], ['a label in capitals', () => gauge({ name: 'kula_lag_seconds', help: 'Lag.', labels: { peerId: 3 } })],
    ['classes that do not ascend', () => histogram({ name: 'kula_lag_seconds', help: 'Lag.', buckets: [1, 1] })], ['classes of nothing measured', () => histogram({ name: 'kula_lag_things', help: 'Lag.' })],
  ])('is refused for %s', (_, declare) => {
    expect(declare).toThrow('is no metric of Kula');
  });
});
