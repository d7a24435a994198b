import { describe, expect, it } from '@jest/globals';
import { nodeIdOf } from '@kula/testing-fixtures';
import { parsePeers, textOfPeersFile } from './peers-file.js';

const [north, south, east] = [nodeIdOf('north'), nodeIdOf('south'), nodeIdOf('east')];
const publicNkey = `U${'A'.repeat(55)}`;
const entry = (nodeId: string) => ({ nodeId, name: 'a peer', natsUrl: 'nats://127.0.0.1:4222', nkeySeed: `SU${'A'.repeat(56)}` });
const listing = (...nodeIds: string[]) => JSON.stringify(nodeIds.map(entry));

describe('parsePeers', () => {
  it('reads peers and takes the renamed API of the generated configuration for granted', () => {
    expect(parsePeers(listing(south), north)).toEqual([{ ...entry(south), apiPrefix: 'fedjs', view: 'own' }]);
  });

  it.each<[string, string, RegExp]>([
    ['text that is no JSON', '[', /not JSON/],
    ['a peer without a node id', JSON.stringify([{ name: 'a' }]), /\/0\/nodeId/],
    ['a seed of another kind', JSON.stringify([{ ...entry(south), nkeySeed: 'SA' }]), /\/0\/nkeySeed/],
    ['an inbox that matches others', JSON.stringify([{ ...entry(south), inboxPrefix: '>' }]), /\/0\/inboxPrefix/],
    ['an unknown member', JSON.stringify([{ ...entry(south), adress: 'x' }]), /wrong at/],
    ['a node listed twice', listing(south, south), /twice/],
    ['a key listed twice', JSON.stringify([south, east].map((id) => ({ ...entry(id), publicNkey }))), /one public NKey/],
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

describe('textOfPeersFile', () => {
  it('says why there is none', async () => { await expect(textOfPeersFile('/nowhere/peers.json')).rejects.toThrow(/cannot be read: ENOENT/); });
});
