import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { NodePart } from '@kula/testing-dev-network';
import { seededRandom, type SeededRandom } from '@kula/testing-fixtures';
import { auditWhen } from './audit.js';
import { extent, FIRST_SEED, MINUTES, RUNS, tell, timed } from './extent.js';
import { LogNetwork } from './log-network.js';

const NAMES = ['ada', 'ben', 'cid', 'dot', 'eve'];
const RING = NAMES.map((name, index) => [name, NAMES[(index + 1) % NAMES.length]!] as const);
const LINE = RING.slice(0, -1);
const PARTS: readonly NodePart[] = ['federation', 'federation', 'nats', 'postgres', 'counting'];
const STEPS = extent(10, 40);
const DRAFTS_MAX = extent(60, 300);
const PAUSE_MS_MAX = 800;

interface Played { readonly kills: number; readonly cuts: number; readonly drafted: number }

/** Cuts, heals, kills and drafts by chance; whole again at the end. Drafting goes on through all of it. */
async function playFaults(log: LogNetwork, links: readonly (readonly [string, string])[], random: SeededRandom): Promise<Played> {
  const drafting: Promise<void>[] = [];
  const reviving: Promise<void>[] = [];
  const down = new Set<string>();
  let [kills, cuts, drafted] = [0, 0, 0];
  const draft = () => {
    const count = 1 + random(DRAFTS_MAX);
    drafted += count;
    drafting.push(log.nodes[random(log.nodes.length)]!.draft(count));
  };
  const kill = () => {
    const node = log.nodes[random(log.nodes.length)]!.node;
    const part = PARTS[random(PARTS.length)]!;
    const downMs = random(3_000);
    if (down.has(node.name)) return;
    kills += 1;
    down.add(node.name);
    tell(`  kill ${node.name} ${part} for ${downMs} ms`);
    reviving.push(node.kill(part).then(() => pause(downMs)).then(() => node.startPart(part)).then(() => { down.delete(node.name); }));
  };
  for (let step = 0; step < STEPS; step += 1) {
    const [one, other] = links[random(links.length)]!;
    draft();
    const what = random(4);
    if (what === 0) log.network.heal(one, other);
    else if (what === 1) { log.network.cut(one, other); cuts += 1; tell(`  cut ${one} ${other}`); }
    else kill();
    await pause(random(PAUSE_MS_MAX));
  }
  for (const [one, other] of links) log.network.heal(one, other);
  await Promise.all(reviving);
  await Promise.all(drafting);
  return { kills, cuts, drafted };
}

describe('five nodes with relays, under random cuts and kills', () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + Math.max(1, RUNS); seed += 1) {
    const links = seed % 2 === 1 ? RING : LINE;
    it(`hold and apply the same when they are whole again: seed ${seed}`, async () => {
      const log = await timed('start', () => LogNetwork.start({ names: NAMES, links, view: 'all', durable: true }));
      try {
        await Promise.all(log.nodes.map((node) => node.draft(5)));
        const played = await timed('faults', () => playFaults(log, links, seededRandom(seed)), ({ kills, cuts, drafted }) => `: ${kills} kills, ${cuts} cuts, ${drafted} drafts`);
        expect(played.kills + played.cuts).toBeGreaterThan(0);
        await auditWhen(`seed ${seed}`, { honest: log.nodes });
        for (const node of log.nodes) expect(await node.number('federation', 'SELECT count(*) AS number FROM equivocation')).toBe(0);
      } finally {
        await log.stop();
      }
    }, 20 * MINUTES);
  }
});
