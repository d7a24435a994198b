import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterWord, isAgreed, moved, newPeer, stateAfter, type PeerRecord, type PeerWord } from './peer.js';
import type { PeerEvent } from './peer.transitions.js';

const at = new Date('2026-11-20T09:00:00Z');
const word = (changes: Partial<PeerWord> = {}): PeerWord => ({
  nodeId: 'south', answer: 'asks', name: 'South', gatewayUrl: 'http://south', natsUrl: 'nats://south', tlsCa: null, nkey: 'U1', madeAt: at, ...changes,
});
const hear = (peer: PeerRecord | undefined, changes: Partial<PeerWord> = {}, isFetched = false) => afterWord(peer, word(changes), { at, isFetched });
const asking = hear(undefined)!;
const linked = moved(asking, 'linked', at);
const asked: PeerRecord = { ...newPeer({ nodeId: 'south', name: 'South', state: 'asked' }, at), gatewayUrl: 'http://typed', linkNkeySeed: 'S', owes: 'asks' };

describe('what a node says about a link', () => {
  it('makes a stranger one that asks, with what it says of itself', () => {
    expect(asking).toMatchObject({ state: 'asking', previous: null, gatewayUrl: 'http://south', natsUrl: 'nats://south', peerNkey: 'U1' });
    expect(hear(undefined, { answer: 'agrees' })?.state).toBe('asking');
    expect(hear(undefined, { answer: 'declines' })).toBeUndefined();
  });

  it('counts anew as long as nobody has decided', () => {
    expect(hear(asking, { natsUrl: 'nats://elsewhere', gatewayUrl: 'http://elsewhere', nkey: 'U2' })).toMatchObject({ state: 'asking', natsUrl: 'nats://elsewhere', gatewayUrl: 'http://elsewhere', peerNkey: 'U2' });
  });

  it.each(['asks', 'agrees'] as const)('links with whom we have asked, at the address that was typed: %s', (answer) => {
    expect(hear(asked, { answer })).toMatchObject({ state: 'linked', previous: 'asked', gatewayUrl: 'http://typed', natsUrl: 'nats://south', owes: null });
  });

  it('changes key and certificate of a link, and its address only where we have asked for it', () => {
    const changes = { nkey: 'U2', tlsCa: 'PEM', natsUrl: 'nats://elsewhere' };
    expect(hear(linked, changes)).toMatchObject({ state: 'linked', peerNkey: 'U2', tlsCa: null, natsUrl: 'nats://south' });
    expect(hear(linked, { ...changes, natsUrl: 'nats://south' })).toMatchObject({ peerNkey: 'U2', tlsCa: 'PEM' });
    expect(hear(linked, changes, true)).toMatchObject({ natsUrl: 'nats://elsewhere', tlsCa: 'PEM' });
  });

  it('is for an operator to decide where a node that was admitted by relays only asks, or one that had said no', () => {
    expect(hear(newPeer({ nodeId: 'south', name: 'South', state: 'linked' }, at))).toMatchObject({ state: 'asking', previous: 'linked', natsUrl: 'nats://south' });
    const refused = hear(asked, { answer: 'declines' })!;
    expect([refused.state, hear(refused)?.state]).toEqual(['declined', 'asking']);
    expect(hear(moved(asking, 'declined', at))?.state).toBe('declined');
  });

  it('changes nothing that the peers file says', () => {
    const declared = { ...linked, declared: { apiPrefix: 'fedjs' } };
    expect(hear(declared, { nkey: 'U2', natsUrl: 'nats://elsewhere', tlsCa: 'PEM' }, true)).toEqual({ ...declared, statedAt: at });
  });

  it('never makes a link, opens a closed one, or moves an agreed one, whatever is said in which order', () => {
    const words = fc.array(fc.record({ answer: fc.constantFrom('asks' as const, 'agrees' as const, 'declines' as const), natsUrl: fc.constantFrom('nats://a', 'nats://b'), nkey: fc.constantFrom('U1', 'U2') }), { maxLength: 12 });
    const ours = fc.constantFrom<PeerEvent | null>(null, 'approve', 'decline', 'pause', 'drain', 'suspend', 'resume', 'block');
    fc.assert(fc.property(fc.array(fc.tuple(ours, words), { maxLength: 6 }), (rounds) => {
      let peer: PeerRecord | undefined;
      for (const [event, said] of rounds) {
        const next = event !== null && peer !== undefined ? stateAfter(peer, event) : undefined;
        if (peer !== undefined && next !== undefined && next !== 'stranger') peer = moved(peer, next, at);
        for (const changes of said) {
          const before: PeerRecord | undefined = peer;
          peer = hear(before, changes);
          if (before === undefined || !isAgreed(before.state)) expect(peer === undefined || !isAgreed(peer.state)).toBe(true);
          if (before?.state === 'blocked' || before?.state === 'suspended') expect(peer?.state).toBe(before.state);
          if (before !== undefined && peer !== undefined && isAgreed(peer.state)) expect(peer.natsUrl).toBe(before.natsUrl);
        }
      }
    }));
  });
});
