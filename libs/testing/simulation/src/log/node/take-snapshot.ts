import { judgeSnapshot, openEntry, openSnapshot, lookupIn, readCheckpoint, hashEntry, type OpenedSnapshot, type Snapshot, type SnapshotRefusal } from '@kula/kernel-federation-log';
import type { NodeId } from '@kula/kernel-crypto';
import type { PeerStation } from '../station.js';
import type { HonestNode } from './honest-node.js';
import { inOrder } from './held-log.js';
import { NET } from './keeper.js';

/** Takes over the live part of a log from a peer that keeps the rest no longer. */
export function takeSnapshot(node: HonestNode, issuer: NodeId, checkpoint: string, peer: PeerStation): void {
  const { network, places } = node.world;
  network.ask(node, peer, () => peer.snapshot(node, { issuer, checkpoint: places.of(checkpoint) }), (entries) => {
    if (issuer !== node.id || !node.ownLog.isConfirmed) adopt(node, issuer, { checkpoint, entries });
  });
}

function adopt(node: HonestNode, issuer: NodeId, snapshot: Snapshot): void {
  const { diary, witness, places } = node.world;
  const held = node.keeper.logOf(issuer);
  if (held.agreedUpTo !== undefined || places.of(snapshot.checkpoint) <= (held.head?.seq ?? 0)) return;
  const opened = open(node, issuer, snapshot);
  if ('refused' in opened) return diary.note('snapshot refused', () => `${node.name} refuses a snapshot of ${witness.nameOf(issuer)}: ${opened.refused}`);
  const verdict = judgeSnapshot({ head: held.head, items: inOrder(held) }, opened);
  if (verdict.verdict !== 'adopt') return;
  node.keeper.adopt(issuer, opened, verdict);
  const isOwn = issuer === node.id;
  if (isOwn) node.services.passOverDoubtful();
  diary.note(isOwn ? 'own snapshot adopted' : 'snapshot adopted', () => `${node.name} adopts ${witness.nameOf(issuer)} up to ${opened.checkpoint.seq}`);
}

function open(node: HonestNode, issuer: NodeId, snapshot: Snapshot): OpenedSnapshot | SnapshotRefusal {
  const { ed25519, bugs } = node.world;
  const { schedule } = node.keeper.logOf(issuer);
  const opened = openSnapshot(ed25519, snapshot, { net: NET, issuer, schedule });
  if (!('refused' in opened) || !bugs.has('adopts any snapshot')) return opened;
  const checkpointEntry = openEntry(ed25519, snapshot.checkpoint, lookupIn(schedule), { net: NET, iss: issuer });
  const checkpoint = 'refused' in checkpointEntry ? undefined : readCheckpoint(checkpointEntry);
  const entries = snapshot.entries.map((jws) => openEntry(ed25519, jws, lookupIn(schedule), { net: NET, iss: issuer }));
  const whole = entries.flatMap((entry) => ('refused' in entry ? [] : [entry]));
  if ('refused' in checkpointEntry || checkpoint === undefined || whole.length < entries.length || hashEntry(snapshot.checkpoint) !== checkpoint.hash) return opened;
  return { checkpoint, checkpointEntry, entries: whole, schedule };
}
