import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditWhen } from './audit.js';
import { IS_LONG, MINUTES, tell, timed } from './extent.js';
import { LogNetwork } from './log-network.js';
import type { LogNode } from './log-node.js';
import { canMount, onSmallDisk, type SmallDisk } from './small-disk.js';
import { until } from './until.js';

const MEGABYTE = 1_000_000;
/** The least the log's stream may be bound to. */
const LOG_BYTES = 64 * MEGABYTE;
/** What the server may keep of all streams together. */
const ROOM_BYTES = 72 * MEGABYTE;
const DRAFTS = 700;
const FILL_BYTES = 40_000;
/** So long nothing moves where the disk is full. */
const STILL_MS = 4_000;
/** Holds what the streams keep already, and half of what comes. */
const DISK_MEGABYTES = 160;

describe('a disk that is full', () => {
  let log: LogNetwork;
  let north: LogNode;
  let south: LogNode;
  let disk: SmallDisk | undefined;
  /** What the node said while it could not write. */
  const said: string[] = [];

  const audit = (what: string) => auditWhen(what, { honest: log.nodes });

  beforeAll(async () => {
    log = await timed('start', () => LogNetwork.start({ names: ['north', 'south'], settings: { KULA_LOG_STREAM_BYTES_MAX: String(LOG_BYTES) } }));
    [north, south] = [log.node('north'), log.node('south')];
    await Promise.all(log.nodes.map((node) => node.draft(10)));
    await audit('before');
  }, 5 * MINUTES);
  afterAll(async () => {
    await log?.stop();
    await disk?.remove();
  }, MINUTES);

  /** Drafts more than fits. Resolves when the node cannot write on, with the drafting that goes on; notes what the node says then. */
  async function fillUp(): Promise<{ readonly drafting: Promise<void> }> {
    const drafting = north.draft(DRAFTS, { fillBytes: FILL_BYTES });
    await until('the node to be unable to write on', async () => {
      const before = await progress();
      await pause(STILL_MS);
      return before.unpublished > 0 && JSON.stringify(await progress()) === JSON.stringify(before);
    });
    said.push(await wordsOf(north));
    tell(`with a full disk the status says: ${said.at(-1)}`);
    return { drafting };
  }

  const progress = async () => ({ unpublished: (await north.status()).unpublished, applied: await north.applied() });

  it('loses nothing where the server\'s own bound is reached, and goes on when it is raised', async () => {
    await north.node.kill('nats');
    north.node.boundStore(ROOM_BYTES);
    await north.node.startPart('nats');
    const { drafting } = await fillUp();
    north.node.boundStore(undefined);
    await north.crash('nats');
    await drafting;
    await south.draft(10);
    await audit('with more room');
  }, 10 * MINUTES);

  if (IS_LONG && canMount()) {
    it('loses nothing where the disk itself is full', async () => {
      await north.node.kill('nats');
      disk = await onSmallDisk(join(log.dir, 'north', 'nats'), DISK_MEGABYTES);
      await north.node.startPart('nats');
      const { drafting } = await fillUp();
      await north.node.kill('nats');
      await disk.grow(1_000);
      await north.node.startPart('nats');
      await drafting;
      await audit('on a larger disk');
    }, 10 * MINUTES);
  }

  it('has meanwhile said what is wrong', () => {
    for (const words of said) expect(words).toMatch(/room|space|storage|resources|disk/i);
    expect(said.length).toBeGreaterThan(0);
  });
});

/** What the node says about its log to its operator and to anybody, where it is not all well. */
async function wordsOf(node: LogNode): Promise<string> {
  const [{ fault, sealing }, { state, sentence }] = await Promise.all([node.status(), node.publicStatus()]);
  return [state, sentence, fault, sealing?.reason].filter(Boolean).join('; ');
}
