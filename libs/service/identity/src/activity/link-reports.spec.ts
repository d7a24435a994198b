import { describe, expect, it } from '@jest/globals';
import { federation, type Operation } from '@kula/contracts';
import type { OperationClient } from '@kula/platform-messaging';
import { Chance, Clock } from '@kula/platform-runtime';
import { LinkReports } from './link-reports.js';

class SetClock extends Clock {
  ms = 0;
  override now(): Date { return new Date(this.ms); }
}
class NoChance extends Chance {
  override uuid(): string { return 'id'; }
  override nonce(): string { return 'nonce'; }
}

const links = [{ peer: 'south', state: 'following', lastEntryAt: null, lastError: null }];
const link = { state: 'following', lastEntryAt: null, lastError: null };
const behind = { entries: 3, seconds: 9 };

/** Reports over a federation service that answers as told. `asked` are the subjects in order. */
function reports(answers: { status?: () => Promise<object>; peers?: (input: { cursor?: string }) => Promise<object> }) {
  const asked: string[] = [];
  const away = async () => { throw new Error('nobody answers'); };
  const operations = {
    request: ({ subject }: Operation, input: object) => {
      asked.push(subject);
      return subject === federation.getFederationStatus.subject ? (answers.status ?? away)() : (answers.peers ?? away)(input);
    },
  } as unknown as OperationClient;
  const clock = new SetClock();
  const reader = new LinkReports(operations, clock, new NoChance());
  const of = async (nodeId: string) => (await reader.read())(nodeId);
  return { asked, clock, of };
}

const status = async () => ({ links });
const statusAsked = (asked: readonly string[]) => asked.filter((subject) => subject === federation.getFederationStatus.subject).length;

describe('LinkReports', () => {
  it('says of a linked node what both answers say, and nothing of another', async () => {
    const { of } = reports({ status, peers: async () => ({ items: [{ nodeId: 'south', behind }], nextCursor: null }) });
    expect([await of('south'), await of('west')]).toEqual([{ link, behind }, { link: null, behind: null }]);
  });

  it('says what one of them says where the other is away', async () => {
    expect(await reports({ status }).of('south')).toEqual({ link, behind: null });
    expect(await reports({ peers: async () => ({ items: [{ nodeId: 'south', behind }], nextCursor: null }) }).of('south')).toEqual({ link: null, behind });
  });

  it('says nothing where nobody answers in time', async () => {
    const never = () => new Promise<never>(() => undefined);
    expect(await reports({ status: never, peers: never }).of('south')).toEqual({ link: null, behind: null });
  });

  it('asks once for many readers, and again a second later', async () => {
    const { asked, clock, of } = reports({ status, peers: async () => ({ items: [], nextCursor: null }) });
    await Promise.all([of('south'), of('west'), of('south')]);
    clock.ms = 999;
    await of('south');
    expect(statusAsked(asked)).toBe(1);
    clock.ms = 1_000;
    await of('south');
    expect(statusAsked(asked)).toBe(2);
  });

  it('leaves a silent service alone for five seconds', async () => {
    const { asked, clock, of } = reports({});
    await of('south');
    clock.ms = 4_999;
    await of('south');
    expect(statusAsked(asked)).toBe(1);
    clock.ms = 5_000;
    await of('south');
    expect(statusAsked(asked)).toBe(2);
  });

  it('asks for the links while nobody answers about peers, and for peers again after five seconds', async () => {
    const { asked, clock, of } = reports({ status });
    for (const ms of [0, 1_000, 4_999, 6_000]) {
      clock.ms = ms;
      await of('south');
    }
    expect([statusAsked(asked), asked.length]).toEqual([4, 6]);
  });

  it('reads on through the pages of peers, and not without end', async () => {
    const { asked, of } = reports({
      status, peers: async ({ cursor = '0' }) => ({ items: [{ nodeId: `node ${cursor}`, behind }], nextCursor: String(Number(cursor) + 1) }),
    });
    expect([(await of('node 4')).behind, (await of('node 5')).behind]).toEqual([behind, null]);
    expect(asked.filter((subject) => subject === federation.listPeers.subject)).toHaveLength(5);
  });
});
