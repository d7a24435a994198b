import { describe, expect, it } from '@jest/globals';
import type { DevNode, NodePart } from '@kula/testing-dev-network';
import { seededRandom } from '@kula/testing-fixtures';
import { CHAPTERS } from '@kula/testing-story';
import { mustBeEqual, NetworkOfThree, outcomeOf, type NodeName, type Outcome } from './network-of-three.js';

const MINUTES = 60_000;

/** What is killed while which chapter is played. */
interface Fault {
  readonly chapter: string;
  readonly node: NodeName;
  readonly part: NodePart;
  readonly afterMs: number;
}

/** Every part of a node that runs one process per service dies once, spread over the chapters; so does a node that is one process. */
const EVERY_PART: readonly Fault[] = ([
  ['announce', 'north', 'identity'], ['publish', 'north', 'matching-engine'], ['publish', 'south', 'node'], ['find', 'north', 'nats'], ['consent', 'north', 'exchange-manager'],
  ['carry-out', 'north', 'federation'], ['attest', 'north', 'trust-attestation'], ['agree', 'north', 'agreement-manager'], ['oblige', 'north', 'postgres'],
  ['clear', 'north', 'clearing'], ['clear', 'north', 'gateway'],
] as const).map(([chapter, node, part], index) => ({ chapter, node, part, afterMs: 40 * (index % 4) }));

const SPREAD: readonly NodePart[] = ['postgres', 'nats', 'gateway', 'federation', 'identity', 'matching-engine', 'exchange-manager', 'trust-attestation', 'agreement-manager', 'clearing'];

/** One to three kills per chapter, anywhere on north. */
function randomFaults(seed: number): Fault[] {
  const random = seededRandom(seed);
  return CHAPTERS.flatMap(({ name }) => Array.from({ length: 1 + random(3) }, () => ({
    chapter: name, node: 'north' as const, part: SPREAD[random(SPREAD.length)] ?? 'nats', afterMs: random(1_500),
  })));
}

/** As `kill -9` by somebody who is not the network: whoever watches it has to notice. False where the part was down already. */
function killByHand(node: DevNode, part: NodePart): boolean {
  const pid = node.pidOf(part);
  return pid !== undefined && process.kill(pid, 'SIGKILL');
}

async function playWith(faults: readonly Fault[]): Promise<{ readonly outcome: Outcome; readonly equal: readonly object[]; readonly kills: number }> {
  const three = await NetworkOfThree.start(['north']);
  let kills = 0;
  try {
    three.network.watch();
    const told = await three.play(async ({ name }) => {
      for (const { node, part, afterMs } of faults.filter(({ chapter }) => chapter === name)) {
        setTimeout(() => { kills += Number(killByHand(three.network.node(node), part)); }, afterMs);
      }
    });
    return { outcome: outcomeOf(told), equal: mustBeEqual(told), kills };
  } finally {
    await three.stop();
  }
}

const EXPECTED = { clearing: { netTotal: '60', state: 'settled' }, participants: 12, networkListings: 26, agreement: 'active' };

function expectTheStory({ outcome, equal }: Awaited<ReturnType<typeof playWith>>): void {
  expect(outcome).toMatchObject(EXPECTED);
  expect(Object.values(outcome.chains)).toEqual(['completed', 'completed', 'completed', 'completed']);
  for (const known of equal) expect(known).toEqual(equal[0]);
}

describe('killing any process with SIGKILL while the story is played', () => {
  it('leaves the outcome as it is: each service, NATS and Postgres once', async () => {
    const played = await playWith(EVERY_PART);
    expectTheStory(played);
    expect(played.kills).toBe(EVERY_PART.length);
  }, 8 * MINUTES);

  const runs = Number(process.env['KULA_FAULT_RUNS'] ?? 0);
  const first = Number(process.env['KULA_FAULT_SEED'] ?? 1);
  for (let seed = first; seed < first + runs; seed += 1) {
    it(`leaves the outcome as it is: random kills, seed ${seed}`, async () => {
      const played = await playWith(randomFaults(seed));
      expectTheStory(played);
      expect(played.kills).toBeGreaterThan(0);
    }, 10 * MINUTES);
  }
});
