import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@kula/testing-fixtures';
import { Scheduler } from '../scheduler.js';
import { Diary } from './happenings.js';
import { CALM, Network, type Weather } from './network.js';

const station = (name: string) => ({ name, life: 1, isUp: true });

function networkIn(weather: Weather) {
  const random = seededRandom(1);
  const scheduler = new Scheduler(random);
  const diary = new Diary(false, () => scheduler.now);
  const network = new Network(scheduler, random, diary);
  const [ana, ben] = [station('ana'), station('ben')];
  network.weather = weather;
  network.lay(ana, ben);
  const heard: string[] = [];
  const ask = () => network.ask(ana, ben, () => 'answer', (answer) => { heard.push(answer); });
  const stream = () => network.stream(ana, ben, () => 'delivery', (delivery) => { heard.push(delivery); });
  return { scheduler, network, diary, ana, ben, heard, ask, stream };
}

describe('Network', () => {
  it('carries a question and its answer', () => {
    const { scheduler, heard, ask } = networkIn(CALM);
    ask();
    scheduler.runUntil(1_000);
    expect(heard).toEqual(['answer']);
  });

  it('hands over one answer to a question, and deliveries as often as they come', () => {
    const { scheduler, diary, heard, ask, stream } = networkIn({ ...CALM, doubled: 1_000 });
    ask();
    stream();
    scheduler.runUntil(1_000);
    expect(heard.sort()).toEqual(['answer', 'delivery', 'delivery', 'delivery', 'delivery']);
    expect(diary.counts['message doubled']).toBeGreaterThan(0);
  });

  it('carries nothing over a cable that is cut, what is on its way included, until it is healed', () => {
    const { scheduler, network, heard, ask } = networkIn(CALM);
    ask();
    expect(network.cut('ben', 'ana')).toBe(true);
    scheduler.runUntil(1_000);
    expect(heard).toEqual([]);
    network.heal('ana', 'ben');
    ask();
    scheduler.runUntil(2_000);
    expect(heard).toEqual(['answer']);
  });

  it('carries nothing where no cable lies, and says so', () => {
    const { network } = networkIn(CALM);
    expect(network.cut('ana', 'cal')).toBe(false);
  });

  it('brings no answer to a life that did not ask, and none from who is down', () => {
    const { scheduler, ana, ben, heard, ask } = networkIn(CALM);
    ask();
    ana.life = 2;
    scheduler.runUntil(1_000);
    ben.isUp = false;
    ask();
    scheduler.runUntil(2_000);
    expect(heard).toEqual([]);
  });

  it('loses what the weather takes', () => {
    const { scheduler, diary, heard, ask } = networkIn({ ...CALM, lost: 1_000 });
    ask();
    scheduler.runUntil(1_000);
    expect([heard, diary.counts['message lost']]).toEqual([[], 1]);
  });
});
