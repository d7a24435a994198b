import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, hash, instant, line, nodeId, signature, text, unit } from '../core/values.js';
import { capability } from './graph.js';

/** Handle of a participant or a node's place in `sep://handle@domain`: lower case letters, digits and dashes. */
export const handle = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'must be lower case letters, digits and dashes').meta({ id: 'Handle', example: 'alice' });

/** Host name under which a node is found. */
export const domainName = z.string().max(253).regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a host name').meta({ id: 'DomainName' });

/** One line for people without control characters, which neither a canonical document nor a database could carry. */
export const plainLine = line(80);

/** Address under which the gateway of a node answers. */
export const gatewayAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(500).regex(/^[\x21-\x7e]+$/, 'must be an http or https address');

/** The first entry of every log: who the node is, and the hash of the recovery key it committed to. */
export const nodeAnnounced = defineMessage({
  topic: 'announce', type: 'node.announced',
  body: z.looseObject({
    node_id: nodeId, name: plainLine, domain: domainName, gateway_url: gatewayAddress, operator_id: did,
    recovery_key_hash: hash.nullable(), protocol: z.literal(1),
  }),
});

/** What has changed of a node since its first entry: everything that people see of it, in full. */
export const nodeUpdated = defineMessage({
  topic: 'announce', type: 'node.updated',
  body: z.looseObject({ node_id: nodeId, name: plainLine, domain: domainName, gateway_url: gatewayAddress, operator_id: did, protocol: z.literal(1) }),
});

const publicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be an Ed25519 public key, base64url');

/** The node signs with another key from the next entry on. Signed by the old key; `proof` by the new one (`sep/node-key/v1`). */
export const keyRotated = defineMessage({
  topic: 'announce', type: 'key.rotated',
  body: z.looseObject({ node_id: nodeId, key_no: z.int().min(2), public_key: publicKey, recovery_key_hash: hash.nullable(), proof: signature }),
});

/** The node goes on with a new key because the old one is lost or stolen. Signed by the new key and by the recovery key that the log had committed to. */
export const keyRecovered = defineMessage({
  topic: 'announce', type: 'key.recovered',
  body: z.looseObject({
    node_id: nodeId, key_no: z.int().min(2), public_key: publicKey, recovery_public_key: publicKey, recovery_key_hash: hash.nullable(),
    proof: signature, recovery_signature: signature,
  }),
});

/** The live part of the log so far, as one hash: newcomers take it over without the rest. See docs/protocol/federation-log.md. */
export const logCheckpoint = defineMessage({
  topic: 'announce', type: 'log.checkpoint', body: z.looseObject({ live_count: z.int().min(0), live_hash: hash }),
});

/** What a cooperative signs when it joins a node (domain `sep/cooperative/v1`). */
export const cooperativeStatement = z.strictObject({
  cooperative_id: did, node_id: nodeId, name: plainLine, place: plainLine.nullable(), made_at: instant,
});

export const cooperativeAnnounced = defineMessage({
  topic: 'announce', type: 'cooperative.announced',
  body: z.looseObject({ statement: cooperativeStatement, signature }),
});

const once = <Item extends z.ZodType>(item: Item, max: number) => z.array(item).max(max)
  .refine((items) => new Set(items).size === items.length, 'must not name anything twice');

/** What a cooperative says about itself for others to find it. Capabilities and units in the order in which it names them. */
export const profileFields = {
  description: text(1_000).nullable(), place: plainLine.nullable(), capabilities: once(capability, 30), units: once(unit, 10),
  contact: line(200).nullable(),
};

/** What a cooperative signs to describe itself (domain `sep/cooperative-profile/v1`): all of it, each time. */
export const cooperativeProfileStatement = z.strictObject({ cooperative_id: did, node_id: nodeId, ...profileFields, made_at: instant });

/**
 * The profile of a cooperative, which replaces the one before: the later `made_at` counts, of two within one millisecond
 * the one with the greater statement hash. Made more than an hour after the `ts` of its entry, it does not count.
 */
export const cooperativeProfiled = defineMessage({
  topic: 'announce', type: 'cooperative.profiled',
  body: z.looseObject({ statement: cooperativeProfileStatement, signature }),
});

/** What a participant signs when it joins a node (domain `sep/participant/v1`). */
export const participantStatement = z.strictObject({
  participant_id: did, node_id: nodeId, cooperative_id: did, handle, display_name: plainLine, made_at: instant,
});

export const participantAnnounced = defineMessage({
  topic: 'announce', type: 'participant.announced',
  body: z.looseObject({ statement: participantStatement, signature }),
});
