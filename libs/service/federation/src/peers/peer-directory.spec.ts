import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { nodeIdOf } from '@kula/testing-fixtures';
import { parsePeers, PeerDirectory } from './peer-directory.js';

const [north, south, east] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('east')];
const entry = (nodeId: string) => ({ nodeId, name: 'a peer', natsUrl: 'nats://127.0.0.1:4222', nkeySeed: `SU${'A'.repeat(56)}` });
const listing = (...nodeIds: string[]) => JSON.stringify(nodeIds.map(entry));

describe('parsePeers', () => {
  it('reads peers and takes the renamed API of the generated configuration for granted', () => {
    expect(parsePeers(listing(south), north)).toEqual([{ ...entry(south), apiPrefix: 'fedjs' }]);
  });

  it.each<[string, string, RegExp]>([
    ['text that is no JSON', '[', /not JSON/],
    ['a peer without a node id', JSON.stringify([{ name: 'a' }]), /\/0\/nodeId/],
    ['a seed of another kind', JSON.stringify([{ ...entry(south), nkeySeed: 'SA' }]), /\/0\/nkeySeed/],
    ['an inbox that matches others', JSON.stringify([{ ...entry(south), inboxPrefix: '>' }]), /\/0\/inboxPrefix/],
    ['an unknown member', JSON.stringify([{ ...entry(south), adress: 'x' }]), /wrong at/],
    ['a node listed twice', listing(south, south), /twice/],
    ['this node itself', listing(north), /itself/],
  ])('refuses %s', (_, text, reason) => {
    expect(() => parsePeers(text, north)).toThrow(reason);
  });

  it('never quotes a secret', () => {
    const seed = `SU${'B'.repeat(55)}`;
    const reason = () => { try { parsePeers(JSON.stringify([{ ...entry(south), nkeySeed: seed }]), north); } catch (error) { return String(error); } return ''; };
    expect(reason()).toMatch(/nkeySeed/);
    expect(reason()).not.toContain(seed);
  });
});

describe('PeerDirectory', () => {
  let folder: string;
  let directory: PeerDirectory | undefined;
  const file = () => join(folder, 'peers.json');
  beforeEach(() => {
    Logger.overrideLogger(false);
    folder = mkdtempSync(join(tmpdir(), 'kula-peers-'));
  });
  afterEach(async () => {
    await directory?.beforeApplicationShutdown();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses to start without the file it is told to read', async () => {
    await expect(PeerDirectory.open(file(), north)).rejects.toThrow(/cannot be read: ENOENT/);
  });

  it('tells its watchers when the file changes, and keeps the old peers when it is wrong', async () => {
    writeFileSync(file(), listing(south));
    directory = await PeerDirectory.open(file(), north);
    const opened = directory;
    const changed = () => new Promise<void>((resolve) => { const stop = opened.watch(() => { stop(); resolve(); }); });
    opened.onApplicationBootstrap();
    let change = changed();
    writeFileSync(file(), '[');
    writeFileSync(file(), listing(south, east));
    await change;
    expect(opened.linked().map(({ nodeId }) => nodeId)).toEqual([south, east]);
    change = changed();
    writeFileSync(file(), listing(east));
    await change;
    expect([opened.answers(south), opened.answers(east)]).toEqual([false, true]);
  });
});
