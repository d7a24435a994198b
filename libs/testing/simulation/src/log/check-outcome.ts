import { liveItems } from '@kula/kernel-federation-log';
import type { HonestNode } from './node/honest-node.js';
import { inOrder, type HeldEntry } from './node/held-log.js';
import type { Liar } from './liar.js';

/** What of all that must hold in the end does not hold now, in words. Looked at again and again while things calm down. */
export function outcomeFaults(nodes: readonly HonestNode[], liar: Liar | undefined): string[] {
  const faults = nodes.flatMap((issuer) => [...headFaults(issuer, nodes), ...draftFaults(issuer)]);
  if (faults.length > 0) return faults;
  return [...nodes.flatMap(appliedFaults), ...nodes.flatMap((issuer) => liveFaults(issuer, nodes)), ...(liar === undefined ? [] : liarFaults(nodes, liar))];
}

/** Every node holds the log of every honest node to its end, by the keys it ends with. */
function headFaults(issuer: HonestNode, nodes: readonly HonestNode[]): string[] {
  const { head, schedule } = issuer.keeper.own;
  if (head === undefined) return [`${issuer.name} has never written anything`];
  return nodes.flatMap((node) => {
    const held = node.keeper.logOf(issuer.id);
    if (held.head?.seq !== head.seq || held.head.hash !== head.hash) return [`${node.name} holds ${issuer.name} up to ${held.head?.seq ?? 0}, not ${head.seq}`];
    return held.schedule.keys.length === schedule.keys.length ? [] : [`${node.name} knows ${held.schedule.keys.length} keys of ${issuer.name}, not ${schedule.keys.length}`];
  });
}

/** Nothing that a member has asked for is left lying. */
function draftFaults({ name, keeper }: HonestNode): string[] {
  const { drafts } = keeper.disks.database;
  return drafts.length === 0 ? [] : [`${name} has not sealed ${drafts.length} drafts`];
}

/** The services have applied everything that is held. */
function appliedFaults({ name, keeper, world }: HonestNode): string[] {
  const { logs, applied } = keeper.disks.database;
  return [...logs].flatMap(([issuer, { entries, agreedUpTo = Infinity }]) => {
    const done = applied.get(issuer)?.seqs;
    const missing = [...entries.keys()].filter((seq) => seq <= agreedUpTo && done?.has(seq) !== true);
    return missing.length === 0 ? [] : [`${name} has not applied ${missing.length} entries of ${world.witness.nameOf(issuer)}, the first ${missing[0]}`];
  });
}

/** Whatever was forgotten, and whoever began with a snapshot: all hold the same live entries. */
function liveFaults(issuer: HonestNode, nodes: readonly HonestNode[]): string[] {
  const ts = issuer.world.scheduler.now;
  const liveAt = (node: HonestNode) => liveItems(inOrder(node.keeper.logOf(issuer.id)), { ts }).map(({ seq }) => seq);
  const own = liveAt(issuer);
  return nodes.filter((node) => node !== issuer).flatMap((node) => {
    const live = liveAt(node);
    return live.length === own.length && live.every((seq, index) => seq === own[index]) ? [] : [`${node.name} holds ${live.length} live entries of ${issuer.name}, which has ${own.length}`];
  });
}

/** Of a liar everybody holds the same agreed entries; where anybody can prove the lie, everybody can. */
function liarFaults(nodes: readonly HonestNode[], liar: Liar): string[] {
  const heads = nodes.map((node) => node.keeper.agreedHead(liar.id));
  const frozen = nodes.filter((node) => node.keeper.logOf(liar.id).agreedUpTo !== undefined);
  const faults: string[] = [];
  if (frozen.length > 0 && frozen.length < nodes.length) faults.push(`${frozen.length} of ${nodes.length} nodes have a proof against ${liar.name}`);
  const ends = new Set(heads.map((head) => `${head?.seq ?? 0} ${head?.hash ?? ''}`));
  if (ends.size > 1) faults.push(`the log of ${liar.name} is agreed up to ${heads.map((head) => head?.seq ?? 0).join(', ')}`);
  return faults;
}

/**
 * Entries of honest nodes that lie before a node's place in a peer's stream and are not held: nobody would bring them again.
 * To be looked at when a node starts, with whatever its disks have kept.
 */
export function cursorFaults({ name, id, keeper, world }: HonestNode, honest: readonly HonestNode[]): string[] {
  return honest.flatMap((peer) => {
    const cursor = keeper.disks.database.cursors.get(peer.name);
    const { stream } = peer.keeper.disks;
    if (cursor === undefined || cursor.epoch !== stream.epoch || peer.isStreamRestored) return [];
    const isLost = (entry: HeldEntry): boolean => {
      const { head, agreedUpTo } = keeper.logOf(entry.issuer);
      return entry.issuer !== id && agreedUpTo === undefined && entry.seq > (head?.seq ?? 0);
    };
    const lost = stream.entries.slice(stream.first - 1, cursor.at).find((entry) => entry !== null && (peer.view === 'all' || entry.issuer === peer.id) && isLost(entry));
    return lost === null || lost === undefined ? [] : [`${name} has passed entry ${lost.seq} of ${world.witness.nameOf(lost.issuer)} in the stream of ${peer.name} and does not hold it`];
  });
}
