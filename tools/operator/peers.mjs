/** The peers of a node, as its node.json lists them. */
import { X509Certificate } from 'node:crypto';
import { nodeId, plainLine } from '@kula/contracts';
import { keyOfNodeId } from '@kula/kernel-crypto';
import { fromPublic } from '@nats-io/nkeys';
import { z } from 'zod';
import { SetupError } from '../bootstrap/progress.mjs';

function isUserNkey(key) {
  try {
    return key.startsWith('U') && fromPublic(key) !== undefined;
  } catch {
    return false;
  }
}

function isCertificate(text) {
  try {
    return new X509Certificate(text) !== undefined;
  } catch {
    return false;
  }
}

const peer = z.object({
  name: plainLine.optional(),
  nodeId: nodeId.refine((id) => keyOfNodeId(id) !== undefined, 'must be a node id'),
  publicNkey: z.string().refine(isUserNkey, 'must be the public NKey of a user: U and 55 capital letters and digits'),
  natsUrl: z.url({ protocol: /^(nats|tls)$/, error: 'must be a NATS address such as nats://nats.south.example:4222' })
    .refine((url) => !URL.canParse(url) || new URL(url).username === '', 'must not hold a user or a password'),
  tlsCa: z.string().max(8_000, 'must be a certificate of at most 8,000 letters').refine(isCertificate, 'must be a certificate, PEM').transform((text) => `${text.trim()}\n`).optional(),
}).refine(({ natsUrl, tlsCa }) => tlsCa === undefined || natsUrl.startsWith('tls:'), { path: ['tlsCa'], error: 'goes with a tls:// address only' });

const OPTION_OF = { name: 'name', nodeId: 'node id', publicNkey: 'public NKey', natsUrl: 'NATS URL', tlsCa: 'certificate' };

/** The peer that is spoken of. @throws SetupError naming what is missing or wrong. */
function peerOf(sayings) {
  const parsed = peer.safeParse(sayings);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(({ path, message }) => `  ${OPTION_OF[path[0]] ?? 'card'}: ${sayings?.[path[0]] === undefined ? 'is missing' : message}`);
    throw new SetupError(`The peer was not added, for what is said of it is not right:\n${[...new Set(reasons)].join('\n')}`);
  }
  return { ...parsed.data, name: parsed.data.name ?? new URL(parsed.data.natsUrl).hostname };
}

/** The node with one peer more. Saying the same again changes nothing. @throws SetupError where it contradicts what is there. */
export function admitted(node, sayings) {
  const added = peerOf(sayings);
  if (added.nodeId === node.nodeId) throw new SetupError('That is the card of this node itself. Exchange cards: you add theirs, they add yours.');
  const known = node.peers.find((each) => each.nodeId === added.nodeId);
  const sharer = node.peers.find((each) => each.publicNkey === added.publicNkey && each !== known);
  if (sharer !== undefined) throw new SetupError(`${sharer.name} has the same public NKey; two nodes cannot share one.`);
  if (known === undefined) return { node: { ...node, peers: [...node.peers, added] }, peer: added };
  if (['publicNkey', 'natsUrl', 'tlsCa'].every((name) => known[name] === added[name])) return { node, peer: known };
  throw new SetupError(`${known.name} is a peer already, with another key, address or certificate. Nothing was changed.\nIf it really moved, take it out with --remove first, then add it again.`);
}

/** The node without a peer, which is named by its node id, or by its name where that is its alone. @throws SetupError where no peer is called so. */
export function dismissed(node, called) {
  const found = node.peers.filter((each) => each.nodeId === called || each.name === called);
  if (found.length !== 1) {
    const known = node.peers.map(({ name, nodeId: id }) => `\n  ${name} ${id}`).join('');
    throw new SetupError(`${found.length === 0 ? 'No peer is' : 'Several peers are'} called ${called}. ${known === '' ? 'This node has no peers.' : `Peers are:${known}`}`);
  }
  return { node: { ...node, peers: node.peers.filter((each) => each !== found[0]) }, peer: found[0] };
}
