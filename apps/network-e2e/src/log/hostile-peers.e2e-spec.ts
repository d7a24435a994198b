import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newLinkKey, ScriptedCaller, ScriptedLog, ScriptedPeer, type Delivered, type LinkKey, type Script, type Stranger } from '@kula/testing-dev-network';
import { seededRandom } from '@kula/testing-fixtures';
import { auditWhen } from './audit.js';
import { extent, FIRST_SEED, MINUTES, tell, timed } from './extent.js';
import { altered, delivered, notesOf, shuffled, truncated } from './forgeries.js';
import { LogNetwork } from './log-network.js';
import type { LogNode } from './log-node.js';
import { until } from './until.js';

const CARRIED = extent(400, 5_000);
const FLOODED = extent(2_000, 30_000);
const QUESTIONS = extent(6_000, 300_000);

/** Gives the entries of one log as an honest peer would, and says that it holds them. */
const honestly = (log: ScriptedLog): Script => ({
  range: ({ issuer, from, to }) => (issuer === log.nodeId ? log.entries.slice(from - 1, Math.min(to, from + 499)).map(({ jws }) => jws) : []),
  heads: () => {
    const last = log.entries.at(-1);
    return last === undefined ? {} : { [log.nodeId]: [last.seq, last.hash] };
  },
});

describe('peers that do as they like', () => {
  let log: LogNetwork;
  const peers: ScriptedPeer[] = [];
  /** What each node lists beside the network. */
  const listed = new Map<LogNode, Stranger[]>();
  /** Scripted issuers that keep to the rules, and what they have said. */
  const kept = new Map<string, readonly string[]>();
  const liars: string[] = [];
  let [north, south, east]: LogNode[] = [];

  const audit = (what: string) => auditWhen(what, { honest: log.nodes, scripted: kept, liars });

  async function scripted(store: string, own: ScriptedLog, script: Script): Promise<ScriptedPeer> {
    const peer = await ScriptedPeer.start(join(log.dir, store), own, script);
    peers.push(peer);
    return peer;
  }

  function introduce(stranger: Stranger, nodes: readonly LogNode[] = log.nodes): void {
    for (const node of nodes) {
      const strangers = [...listed.get(node) ?? [], stranger];
      listed.set(node, strangers);
      node.node.declare(strangers);
    }
  }

  /** Honest nodes go on meanwhile: entries of each come to be held by every other. */
  async function others(count = 50): Promise<void> {
    await Promise.all(log.nodes.map((node) => node.draft(count)));
    await until('honest nodes to hear of each other', async () => {
      const held = await Promise.all(log.nodes.flatMap((node) => log.nodes.map(async (issuer) => (await node.held(issuer.nodeId)) === issuer.drafted.length)));
      return held.every(Boolean);
    });
  }

  beforeAll(async () => {
    log = await timed('start', () => LogNetwork.start({ names: ['north', 'south', 'east'] }));
    [north, south, east] = log.nodes;
    await others();
  }, 5 * MINUTES);
  afterAll(async () => {
    await Promise.all(peers.map((peer) => peer.stop()));
    await log?.stop();
  }, MINUTES);

  it('may deliver everything twice and out of order', async () => {
    const ward = new ScriptedLog('ward');
    const carrier = await scripted('carrier', new ScriptedLog('carrier'), honestly(ward));
    const random = seededRandom(FIRST_SEED);
    introduce({ nodeId: ward.nodeId, name: 'ward' });
    introduce(carrier.listed('all'));
    const entries = ward.add(CARRIED, 'said').map((entry) => delivered(ward, entry));
    const genuine = await entriesOfNorth();
    await carrier.deliver(shuffled(entries.slice(0, CARRIED / 2), 40, random));
    await carrier.deliver(shuffled(genuine, 20, random));
    await carrier.deliver([...entries.slice(CARRIED / 2)].reverse());
    await carrier.deliver(shuffled(entries, CARRIED, random));
    kept.set(ward.nodeId, notesOf(ward));
    await others();
    await audit('after duplicates in any order');
  }, 10 * MINUTES);

  it('may forge, replay and truncate without being believed or disturbing anybody', async () => {
    const mallory = new ScriptedLog('mallory');
    const said = mallory.add(60, 'said');
    const peer = await scripted('mallory', mallory, { ...honestly(mallory), heads: () => ({ [mallory.nodeId]: [5_000, said[59]!.hash] }) });
    introduce(peer.listed('all'));
    const genuine = await entriesOfNorth();
    const forgeries = said.flatMap((entry, index): Delivered[] => [
      delivered(mallory, { ...entry, jws: altered(entry.jws) }), delivered(mallory, { ...entry, jws: truncated(entry.jws) }),
      { ...delivered(mallory, entry), issuer: north!.nodeId }, { ...genuine[index % genuine.length]!, jws: altered(genuine[index % genuine.length]!.jws) },
      { ...genuine[index % genuine.length]!, issuer: mallory.nodeId },
      delivered(mallory, entry), ...genuine.slice(0, 3), ...said.slice(0, index).slice(-3).map((earlier) => delivered(mallory, earlier)),
    ]);
    await peer.deliver(forgeries);
    kept.set(mallory.nodeId, notesOf(mallory));
    await others();
    await audit('after forgeries and replays');
    for (const node of log.nodes) {
      const codes = await node.rows<{ code: string; count: string }>('federation', 'SELECT code, sum(count) AS count FROM refusal_count WHERE peer = $1 GROUP BY code', [mallory.nodeId]);
      expect(codes.map(({ code }) => code)).toEqual(expect.arrayContaining(['entry.bad_signature', 'entry.malformed', 'entry.wrong_issuer']));
    }
    // A stream that was lost, and begins again with less than there was.
    await peer.forget();
    await peer.deliver(said.slice(0, 20).map((entry) => delivered(mallory, entry)));
    await others();
    await audit('after a shorter stream');
  }, 10 * MINUTES);

  it('may stall without holding others up', async () => {
    const sloth = new ScriptedLog('sloth');
    sloth.add(100, 'said');
    let isStalling = true;
    const honest = honestly(sloth);
    const peer = await scripted('sloth', sloth, {
      range: (request, caller) => (isStalling ? undefined : honest.range(request, caller)), heads: (caller) => (isStalling ? undefined : honest.heads(caller)),
    });
    introduce(peer.listed('own'));
    // A hole that only an answer can fill, and no answer.
    await peer.deliver(sloth.entries.slice(50).map((entry) => delivered(sloth, entry)));
    await others();
    await others();
    isStalling = false;
    kept.set(sloth.nodeId, notesOf(sloth));
    await audit('after a stall');
  }, 10 * MINUTES);

  it('may flood with entries and questions', async () => {
    const torrent = new ScriptedLog('torrent');
    const keys = log.nodes.map(() => newLinkKey());
    const peer = await scripted('torrent', torrent, honestly(torrent));
    log.nodes.forEach((node, index) => introduce(peer.listed('own', keys[index]!.publicNkey), [node]));
    const callers = await Promise.all(log.nodes.map((node, index) => dialled(node, torrent, keys[index]!)));
    const flood = Promise.all([
      peer.deliver(torrent.add(FLOODED, 'said').map((entry) => delivered(torrent, entry))),
      ...callers.map((caller) => caller.flood('range', { issuer: north!.nodeId, from: 1, to: 500 }, QUESTIONS)),
    ]);
    await timed('honest nodes during the flood', () => others());
    await flood;
    kept.set(torrent.nodeId, notesOf(torrent));
    await audit('after the flood');
    const answer = await until('the flooder to be heard again', async () => {
      const said = await callers[0]!.ask('range', { issuer: north!.nodeId, from: 1, to: 1 }) as { entries?: string[] };
      return said.entries !== undefined && said;
    });
    expect(answer.entries).toHaveLength(1);
    await Promise.all(callers.map((caller) => caller.close()));
  }, 10 * MINUTES);

  it('may show two logs to two peers, for which everybody has the proof', async () => {
    const judas = new ScriptedLog('judas');
    judas.add(30, 'said');
    const other = judas.branch(30);
    judas.add(20, 'to one');
    other.add(20, 'to another');
    const [one, another] = [await scripted('judas-one', judas, honestly(judas)), await scripted('judas-another', other, honestly(other))];
    introduce(one.listed('own'), [north!]);
    introduce(another.listed('own'), [east!]);
    // South knows of the issuer and dials it nowhere: what it learns, it learns from the other two.
    introduce({ nodeId: judas.nodeId, name: 'judas' }, [south!]);
    await one.deliver(judas.entries.map((entry) => delivered(judas, entry)));
    await another.deliver(other.entries.map((entry) => delivered(other, entry)));
    liars.push(judas.nodeId);
    await timed('proofs everywhere', () => until('every node to have the proof', async () => {
      const found = await Promise.all(log.nodes.map((node) => node.number('federation', 'SELECT count(*) AS number FROM equivocation WHERE issuer = $1', [judas.nodeId])));
      return found.every((count) => count > 0);
    }));
    judas.add(5, 'afterwards');
    await one.deliver(judas.entries.slice(-5).map((entry) => delivered(judas, entry)));
    await others();
    await audit('after an equivocation');
    for (const node of [north!, east!]) {
      const [held] = await node.rows<{ agreed_up_to: string }>('federation', 'SELECT agreed_up_to FROM issuer_head WHERE issuer = $1', [judas.nodeId]);
      expect(held?.agreed_up_to).toBe('30');
      expect(await node.held(judas.nodeId)).toBe(50);
    }
  }, 10 * MINUTES);

  async function entriesOfNorth(): Promise<Delivered[]> {
    const rows = await north!.rows<{ jws: string; topic: string }>('federation', 'SELECT jws, topic FROM entry WHERE issuer = $1 ORDER BY seq', [north!.nodeId]);
    tell(`${rows.length} entries of north are carried as well`);
    return rows.map(({ jws, topic }) => ({ jws, topic, issuer: north!.nodeId }));
  }

  const dialled = (node: LogNode, own: ScriptedLog, key: LinkKey) =>
    until(`${node.name} to let the caller in`, async () => ScriptedCaller.dial(node.node.door, own.nodeId, key));
});
