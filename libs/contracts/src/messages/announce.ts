import { z } from 'zod';
import { defineMessage } from '../core/define.js';
import { did, hash, instant, line, nodeId, signature } from '../core/values.js';

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

/** What a cooperative signs when it joins a node (domain `sep/cooperative/v1`). */
export const cooperativeStatement = z.strictObject({
  cooperative_id: did, node_id: nodeId, name: plainLine, place: plainLine.nullable(), made_at: instant,
});

export const cooperativeAnnounced = defineMessage({
  topic: 'announce', type: 'cooperative.announced',
  body: z.looseObject({ statement: cooperativeStatement, signature }),
});

/** What a participant signs when it joins a node (domain `sep/participant/v1`). */
export const participantStatement = z.strictObject({
  participant_id: did, node_id: nodeId, cooperative_id: did, handle, display_name: plainLine, made_at: instant,
});

export const participantAnnounced = defineMessage({
  topic: 'announce', type: 'participant.announced',
  body: z.looseObject({ statement: participantStatement, signature }),
});
