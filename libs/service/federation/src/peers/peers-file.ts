import { readFile } from 'node:fs/promises';
import { linkView, nodeId, plainLine } from '@kula/contracts';
import { SettingsError } from '@kula/platform-runtime';
import { z } from 'zod';

const peer = z.strictObject({
  nodeId, name: plainLine,
  /** Address of the peer's nats-server. Absent: the peer may read from this node, which does not read from it. */
  natsUrl: z.url({ protocol: /^(nats|tls)$/, error: 'must be a NATS address' }).optional(),
  /** Seed of the user NKey under which the peer knows this node. */
  nkeySeed: z.string().regex(/^SU[A-Z2-7]{56}$/, 'must be the seed of a user NKey').optional(),
  inboxPrefix: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'must be one NATS token').optional(),
  /** Where the peer's server answers for its stream: `$JS.API` where both sides share one account. */
  apiPrefix: z.string().regex(/^[$A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'must be a NATS subject').default('fedjs'),
  /** `all`: the peer is read as a relay of every log it holds. */
  view: linkView.default('own'),
  /** Public NKey with which the peer dials this node. */
  publicNkey: z.string().regex(/^U[A-Z2-7]{55}$/, 'must be the public part of a user NKey').optional(),
  tls: z.strictObject({ caFile: z.string().optional(), certFile: z.string().optional(), keyFile: z.string().optional() }).optional(),
});

const peerList = z.array(peer).max(1_000);

/** A peer as the peers file names it. */
export type ListedPeer = z.output<typeof peer>;

/** What the peers file says. @throws SettingsError naming the first thing that is wrong; nothing is quoted, for it holds secrets. */
export function parsePeers(text: string, ownNodeId: string): readonly ListedPeer[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new SettingsError('the peers file is not JSON');
  }
  const parsed = peerList.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SettingsError(`the peers file is wrong at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'unknown'}`);
  }
  refuseTwice(parsed.data.map((each) => each.nodeId), 'lists a node twice');
  refuseTwice(parsed.data.flatMap((each) => each.publicNkey ?? []), 'gives two peers one public NKey');
  if (parsed.data.some((each) => each.nodeId === ownNodeId)) throw new SettingsError('the peers file lists this node itself');
  return parsed.data;
}

function refuseTwice(values: readonly string[], what: string): void {
  if (new Set(values).size !== values.length) throw new SettingsError(`the peers file ${what}`);
}

/** The text of the peers file. @throws SettingsError where it cannot be had. */
export async function textOfPeersFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError(`the peers file cannot be read: ${reason}`);
  }
}
