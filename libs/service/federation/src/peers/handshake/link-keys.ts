import { nkeys } from '@nats-io/transport-node';
import type { PeerRecord } from '../domain/peer.js';

/** Seed of a new user NKey. */
export const newLinkSeed = (): string => new TextDecoder().decode(nkeys.createUser().getSeed());

/** Public part of a seed. */
export const publicNkeyOf = (seed: string): string => nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();

/** The peer with a key of ours for the connection to it: a key for each, so that one peer cannot pass for us at another. */
export const withLinkKey = (peer: PeerRecord): PeerRecord => (peer.linkNkeySeed === null ? { ...peer, linkNkeySeed: newLinkSeed() } : peer);
