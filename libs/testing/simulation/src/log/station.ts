import type { NodeId } from '@kula/kernel-crypto';
import type { HeadVector } from '@kula/kernel-federation-log';
import type { Station } from './network.js';

/** An entry as a stream delivers it: issuer and topic are what the subject says. */
export interface Delivered {
  readonly streamSeq: number;
  readonly issuer: NodeId;
  readonly topic: string;
  readonly jws: string;
}

/** Where somebody is in a stream, and what of it is wanted. */
export interface StreamPlace {
  readonly epoch: number;
  readonly from: number;
  readonly view: 'own' | 'all';
}

export interface Pulled {
  readonly epoch: number;
  readonly entries: readonly Delivered[];
  /** Last place of the stream that was looked at. */
  readonly through: number;
}

/** Part of a log, both ends included. */
export interface WantedRange {
  readonly issuer: NodeId;
  readonly from: number;
  readonly to: number;
}

export interface Range {
  readonly entries: readonly string[];
  /** Checkpoint that covers what is kept no longer. */
  readonly checkpoint?: string;
}

export interface WantedSnapshot {
  readonly issuer: NodeId;
  readonly checkpoint: number;
}

/** A node as its peers see it: what it answers, or undefined for silence. */
export interface PeerStation extends Station {
  readonly id: NodeId;
  pull(asker: PeerStation, place: StreamPlace): Pulled | undefined;
  range(asker: PeerStation, wanted: WantedRange): Range | undefined;
  heads(asker: PeerStation): HeadVector | undefined;
  snapshot(asker: PeerStation, wanted: WantedSnapshot): readonly string[] | undefined;
}
