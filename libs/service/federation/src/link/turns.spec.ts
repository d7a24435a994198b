import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

const turnOf = (name: string, seen: string[]) => async () => {
  seen.push(`${name} begins`);
  await new Promise((resolve) => setImmediate(resolve));
  seen.push(`${name} ends`);
};

describe('Turns', () => {
  it('lets one work at a time, in the order of asking', async () => {
    const [turns, seen] = [new Turns(), [] as string[]];
    await Promise.all(['north', 'south', 'east'].map((name) => turns.take(turnOf(name, seen))));
    expect(seen).toEqual(['north begins', 'north ends', 'south begins', 'south ends', 'east begins', 'east ends']);
  });

  it('puts one that asks again behind those that wait', async () => {
    const [turns, seen] = [new Turns(), [] as string[]];
    const flooding = (async () => { for (let turn = 1; turn <= 3; turn += 1) await turns.take(turnOf(`flood ${turn}`, seen)); })();
    await Promise.all([flooding, turns.take(turnOf('south', seen)), turns.take(turnOf('east', seen))]);
    expect(seen.filter((line) => line.endsWith('begins'))).toEqual(['flood 1 begins', 'south begins', 'east begins', 'flood 2 begins', 'flood 3 begins']);
  });

  it('goes on after work that fails, and says whether others wait', async () => {
    const turns = new Turns();
    const failing = turns.take(async () => { throw new Error('the database is away'); });
    const waited = turns.take(async () => turns.othersWait);
    const last = turns.take(async () => turns.othersWait);
    await expect(failing).rejects.toThrow('the database is away');
    expect([await waited, await last, turns.othersWait]).toEqual([true, false, false]);
  });
});
