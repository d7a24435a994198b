import { describe, expect, it } from '@jest/globals';
import type { Operation } from '@kula/contracts';
import type { OperationClient } from '@kula/platform-messaging';
import { Chance, Clock } from '@kula/platform-runtime';
import { LogReports } from './log-reports.js';

class SetClock extends Clock {
  ms = 0;
  override now(): Date { return new Date(this.ms); }
}
class NoChance extends Chance {
  override uuid(): string { return 'id'; }
  override nonce(): string { return 'nonce'; }
}

const said = { state: 'following', lastEntryAt: null, lastError: null };
const head = { issuer: 'south', seq: 7, lastSealedAt: '2027-01-01T00:00:00.000Z', lastStoredAt: '2027-01-01T00:00:01.000Z' };
const lastEntry = { seq: 7, sealedAt: head.lastSealedAt, receivedAt: head.lastStoredAt };
const behind = { entries: 3, seconds: 9 };
const NOTHING = { lastEntry: null, link: null, behind: null };

/** Reports over a federation service that answers as told. `asked` are the subjects in order. */
function reports(status: () => Promise<object>) {
  const asked: string[] = [];
  const operations = { request: ({ subject }: Operation) => { asked.push(subject); return status(); } } as unknown as OperationClient;
  const clock = new SetClock();
  const reader = new LogReports(operations, clock, new NoChance());
  const of = async (nodeId: string) => (await reader.read())(nodeId);
  return { asked, clock, of };
}

const away = async () => { throw new Error('nobody answers'); };

describe('LogReports', () => {
  it('says of a linked node what the one answer says, and nothing of another', async () => {
    const { asked, of } = reports(async () => ({ heads: [head], links: [{ peer: 'south', ...said, behind }] }));
    expect([await of('south'), await of('west')]).toEqual([{ lastEntry, link: said, behind }, NOTHING]);
    expect(asked).toEqual(['federation.v1.status.get']);
  });

  it('says the last entry of a node without a link, and the link of a node of which nothing has come', async () => {
    const { of } = reports(async () => ({ heads: [head], links: [{ peer: 'west', ...said, behind }] }));
    expect([await of('south'), await of('west')]).toEqual([{ ...NOTHING, lastEntry }, { lastEntry: null, link: said, behind }]);
  });

  it('says what a federation service of before says', async () => {
    const { of } = reports(async () => ({ heads: [{ issuer: 'south', seq: 7 }], links: [{ peer: 'south', ...said }] }));
    expect(await of('south')).toEqual({ lastEntry: null, link: said, behind: null });
  });

  it('says nothing where nobody answers in time', async () => {
    expect(await reports(() => new Promise<never>(() => undefined)).of('south')).toEqual(NOTHING);
  });

  it('asks once for many readers, and again a second later', async () => {
    const { asked, clock, of } = reports(async () => ({ heads: [], links: [] }));
    await Promise.all([of('south'), of('west'), of('south')]);
    clock.ms = 999;
    await of('south');
    expect(asked).toHaveLength(1);
    clock.ms = 1_000;
    await of('south');
    expect(asked).toHaveLength(2);
  });

  it('leaves a silent service alone for five seconds', async () => {
    const { asked, clock, of } = reports(away);
    await of('south');
    clock.ms = 4_999;
    await of('south');
    expect(asked).toHaveLength(1);
    clock.ms = 5_000;
    await of('south');
    expect(asked).toHaveLength(2);
  });
});
