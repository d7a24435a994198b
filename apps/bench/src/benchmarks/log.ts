import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { cpuSeconds, LogDesk, withLogNetwork } from '../log-network.js';
import { milliseconds, short, spread, type Measured, type Row } from '../measure.js';

const PINGS = 300;
const STEADY = 20_000;
const BACKLOG = 100_000;
const ENTRY_BYTES = 1_500;
const RAW_MESSAGES = 10_000;

/** What the machine can do at most, measured in the same run. */
interface Limits {
  readonly verifyMicros: number;
  readonly publishedPerSecond: number;
}

/** Entries of 1 KiB from node to node: latency, steady rate, catching up after a cut, and what a flooding peer does to others. */
export async function log(): Promise<Measured> {
  return withLogNetwork(['north', 'south', 'east'], 'mesh', async (network) => {
    const [north, south, east] = await Promise.all(network.nodes.map((node) => LogDesk.open(node))) as [LogDesk, LogDesk, LogDesk];
    const limits: Limits = { verifyMicros: verifyMicros(), publishedPerSecond: await rawPublish(south.connection) };
    await pings(north, south, 'warm');
    const calm = spread(await pings(north, south, 'calm'));
    const steady = await steadyRate(north, south);
    network.cut('north', 'south');
    network.cut('north', 'east');
    await Promise.all([north.draft(BACKLOG, 'backlog'), north.expect(BACKLOG)]);
    const caughtUp = await catchUp(south, () => { network.heal('north', 'south'); network.heal('north', 'east'); });
    const flooded = spread(await underFlood(east, north, south));
    await Promise.all([north, south, east].map((desk) => desk.close()));
    return { name: 'log', rows: [...rowsOf(limits, calm, steady), ...rowsOfTrouble(limits, caughtUp, calm, flooded)], numbers: {
      ...limits, p50Ms: calm.p50, p99Ms: calm.p99, steadyPerSecond: steady.perSecond, steadyCpuMicros: steady.cpuMicros,
      catchUpPerSecond: caughtUp.perSecond, catchUpCpuMicros: caughtUp.cpuMicros, firstAfterHealMs: caughtUp.firstMs, floodedP99Ms: flooded.p99,
    } };
  });
}

/** CPU of one bare Ed25519 verification of a message of an entry's size. */
function verifyMicros(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const message = randomBytes(ENTRY_BYTES);
  const signature = sign(null, message, privateKey);
  const rounds = 3_000;
  const from = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) verify(null, message, publicKey, signature);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / rounds;
}

/** Acknowledged messages of an entry's size a second, 500 in flight, into a stream of the same server. */
async function rawPublish(connection: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'BENCH', subjects: ['bench.raw'] });
  const client = jetstream(connection);
  const payload = randomBytes(ENTRY_BYTES);
  const from = performance.now();
  for (let sent = 0; sent < RAW_MESSAGES; sent += 500) await Promise.all(Array.from({ length: 500 }, () => client.publish('bench.raw', payload)));
  const perSecond = RAW_MESSAGES / ((performance.now() - from) / 1_000);
  await manager.streams.delete('BENCH');
  return perSecond;
}

/** Milliseconds from drafting an entry at one node to its being handed to the services of another, one at a time. */
async function pings(from: LogDesk, to: LogDesk, word: string): Promise<number[]> {
  const latencies: number[] = [];
  for (let index = 0; index < PINGS; index += 1) {
    const arrived = to.arrival(`${word}${index} 0`);
    const start = performance.now();
    await from.draft(1, `${word}${index}`);
    latencies.push((await arrived) - start);
  }
  return latencies;
}

interface Rate {
  readonly perSecond: number;
  /** CPU of the receiving federation service for one entry. */
  readonly cpuMicros: number;
}

/** With drafts waiting: how fast they can be put in is a matter of their stream's disk, which `drafting` tells. */
async function steadyRate(from: LogDesk, to: LogDesk): Promise<Rate & { readonly draftedPerSecond: number }> {
  await from.node.kill('federation');
  const start = performance.now();
  await from.draft(STEADY, 'steady');
  const draftedPerSecond = STEADY / ((performance.now() - start) / 1_000);
  const pid = to.node.pidOf('federation') ?? 0;
  const cpu = cpuSeconds(pid);
  await Promise.all([to.expect(STEADY), from.node.startPart('federation')]);
  const seconds = (performance.now() - to.firstAt) / 1_000;
  return { perSecond: STEADY / seconds, cpuMicros: ((cpuSeconds(pid) - cpu) * 1e6) / STEADY, draftedPerSecond };
}

async function catchUp(to: LogDesk, heal: () => void): Promise<Rate & { readonly firstMs: number }> {
  const pid = to.node.pidOf('federation') ?? 0;
  const cpu = cpuSeconds(pid);
  const all = to.expect(BACKLOG);
  const start = performance.now();
  heal();
  await all;
  const seconds = (performance.now() - to.firstAt) / 1_000;
  return { perSecond: BACKLOG / seconds, cpuMicros: ((cpuSeconds(pid) - cpu) * 1e6) / BACKLOG, firstMs: to.firstAt - start };
}

/** Latency between two nodes while a third one writes as fast as it can. */
async function underFlood(flooder: LogDesk, from: LogDesk, to: LogDesk): Promise<number[]> {
  let isOver = false;
  const flood = (async () => { while (!isOver) await flooder.draft(2_000, 'flood'); })();
  const latencies = await pings(from, to, 'flooded');
  isOver = true;
  await flood;
  return latencies;
}

function rowsOf({ verifyMicros: micros, publishedPerSecond }: Limits, calm: { readonly p50: number; readonly p99: number }, steady: Rate & { readonly draftedPerSecond: number }): Row[] {
  const verified = 1e6 / micros;
  return [
    { what: 'limit: bare Ed25519 verifications on one core', figure: `${short(verified)} a second`, against: `${short(micros)} µs CPU each` },
    { what: 'limit: raw JetStream publish of 1.5 KB, acknowledged, 500 in flight, the same server', figure: `${short(publishedPerSecond)} a second`, against: '' },
    { what: 'entry drafted at one node to handed to the services of another, one at a time (two signatures\' work, three streams, two databases)', figure: `p50 ${milliseconds(calm.p50)}, p99 ${milliseconds(calm.p99)}`, against: '' },
    {
      what: `${STEADY.toLocaleString('en-GB')} waiting drafts with 1 KiB bodies: sealed, pulled, stored and handed over, both nodes on the same cores`, figure: `${short(steady.perSecond)} a second`,
      against: `${short((100 * steady.perSecond) / verified)} % of verifying alone; ${short(steady.perSecond / publishedPerSecond)} × raw publish`,
    },
    { what: 'drafts put in, each synchronised to disk, 500 in flight', figure: `${short(steady.draftedPerSecond)} a second`, against: '' },
    { what: 'the same: CPU of the receiving federation service', figure: `${short(steady.cpuMicros)} µs an entry`, against: `${short(steady.cpuMicros / micros)} × one verification` },
  ];
}

function rowsOfTrouble({ verifyMicros: micros }: Limits, caughtUp: Rate & { readonly firstMs: number }, calm: { readonly p99: number }, flooded: { readonly p50: number; readonly p99: number }): Row[] {
  return [
    {
      what: `catching up ${BACKLOG.toLocaleString('en-GB')} entries after a cut, stored and handed over`, figure: `${short(caughtUp.perSecond)} a second`,
      against: `${short((caughtUp.perSecond * micros) / 1e6)} × verifying every entry on one core; ${short(caughtUp.cpuMicros)} µs CPU an entry`,
    },
    { what: 'healing of the link to the first entry', figure: milliseconds(caughtUp.firstMs), against: '' },
    { what: 'latency of a link while another peer floods', figure: `p50 ${milliseconds(flooded.p50)}, p99 ${milliseconds(flooded.p99)}`, against: `p99 ${milliseconds(flooded.p99 - calm.p99)} more than in calm` },
  ];
}
