import { z } from 'zod';
import { defineEvent, defineOperation } from '../core/define.js';
import { instant, nodeId, pageOf, pageRequest, signature, text } from '../core/values.js';
import { gatewayAddress, plainLine } from '../messages/announce.js';
import { linkView } from './peer-api.js';

/** How far the connection to a peer has come. `waiting`: the last attempt failed and the next one comes by itself. `stopped`: no connection is wanted. */
export const linkState = z.enum(['connecting', 'opening', 'following', 'waiting', 'stopped']).meta({ id: 'LinkState' });

/**
 * How two nodes stand.
 *
 * `asked`: we have asked for a link, they decide. `asking`: they have asked, our operator decides. `linked`: both agree.
 * `paused`: we read nothing from them for now. `draining`: no new business with them, what is open is finished.
 * `suspended`: no connection either way and nothing of theirs is taken; everything held is kept. `blocked`: suspended, and
 * what they ask is not heard. `declined`: one of the two has said no.
 */
export const peerState = z.enum(['asked', 'asking', 'linked', 'paused', 'draining', 'suspended', 'blocked', 'declined']).meta({ id: 'PeerState' });

/** What an operator may do to a peer. `undo` takes back the last change of state. `retry` dials now instead of after the pause. */
export const peerAction = z.enum(['approve', 'decline', 'pause', 'drain', 'suspend', 'resume', 'block', 'unblock', 'undo', 'retry', 'forget']).meta({ id: 'PeerAction' });

/** NATS address of a node as another one dials it. */
export const natsAddress = z.url({ protocol: /^(nats|tls)$/, error: 'must be a nats or tls address' }).max(300).regex(/^[\x21-\x7e]+$/, 'must be a nats or tls address');

export const peer = z.strictObject({
  nodeId, name: z.string(), state: peerState, gatewayUrl: z.string().nullable(), natsUrl: z.string().nullable(), view: linkView,
  isEncrypted: z.boolean().meta({ description: 'The connection is TLS.' }),
  reason: z.string().nullable().meta({ description: 'Why the state was last changed, in the operator\'s words.' }),
  changedAt: instant, addedAt: instant,
  link: z.strictObject({
    state: linkState, since: instant.nullable(), attempts: z.int().meta({ description: 'Failed attempts in a row.' }),
    lastError: z.string().nullable(), lastErrorAt: instant.nullable(), nextAttemptAt: instant.nullable(), reconnects: z.int(),
  }),
  behind: z.strictObject({ entries: z.int().nullable(), seconds: z.int().nullable() })
    .meta({ description: 'What the peer has and we lack: entries of its log, and the age of the oldest. Null: not known.' }),
  delivered: z.strictObject({ upTo: z.int().nullable(), missing: z.int().nullable(), seconds: z.int().nullable() })
    .meta({ description: 'What the peer says it holds of our log, how many entries it lacks and the age of the oldest of them. Null: it has not said.' }),
  received: z.int(), refused: z.int(),
}).meta({ id: 'Peer' });

const peerErrors = ['federation.peer_unknown', 'federation.peer_action_impossible'] as const;

export const listPeers = defineOperation({
  subject: 'federation.v1.peer.list', summary: 'Every peer with its standing, its link and how far behind it is.', roles: ['operator'],
  input: z.strictObject({ ...pageRequest, state: peerState.optional() }), output: pageOf(peer), errors: [],
});

export const getPeer = defineOperation({
  subject: 'federation.v1.peer.get', summary: 'One peer.', roles: ['operator'],
  input: z.strictObject({ nodeId }), output: peer, errors: ['federation.peer_unknown'],
});

export const requestLink = defineOperation({
  subject: 'federation.v1.peer.request', roles: ['operator'],
  summary: 'Asks the node behind a gateway address for a link. Its operator decides; where it has asked us before, both have agreed. Repeating it sends the request again.',
  input: z.strictObject({ gatewayUrl: gatewayAddress, view: linkView.default('own'), nodeId: nodeId.optional().meta({ description: 'Refuse to talk to any other node than this one.' }) }),
  output: peer,
  errors: ['federation.address_refused', 'federation.peer_unreachable', 'federation.peer_is_another', 'federation.peer_is_self', 'federation.peer_blocked', 'federation.peer_declines'],
});

export const admitIssuer = defineOperation({
  subject: 'federation.v1.issuer.admit', roles: ['operator'],
  summary: 'Takes a node\'s log from those who relay it, without a link of our own to it.',
  input: z.strictObject({ nodeId, name: plainLine }), output: peer, errors: ['federation.peer_is_self', 'federation.peer_blocked'],
});

/** What a node signs to ask another for a link, or to agree to one (domain `sep/link-request/v1`). */
export const linkStatement = z.strictObject({
  from_node: nodeId, to_node: nodeId, name: plainLine, gateway_url: gatewayAddress, nats_url: natsAddress,
  tls_ca: z.string().max(8_000).nullable(), nkey: z.string().regex(/^U[A-Z2-7]{55}$/, 'must be the public part of a user NKey'),
  answer: z.enum(['asks', 'agrees', 'declines']), made_at: instant,
});

/** Of some 1 to 3 KB each: a statement stays below what gateways take. */
const KEY_ENTRIES_MAX = 30;

export const signedLinkStatement = z.strictObject({
  statement: linkStatement, signature,
  keyEntries: z.array(z.string().max(8_192).regex(/^[A-Za-z0-9_.-]+$/, 'must be a signed entry')).max(KEY_ENTRIES_MAX).optional().meta({
    description: 'Where the node has changed its key: the first entry of its log and every change, so that those who do not hold the log can tell whose signature this is.',
  }),
}).meta({ id: 'SignedLinkStatement' });

export const receiveLinkStatement = defineOperation({
  subject: 'federation.v1.linkStatement.receive', roles: ['public'],
  summary: 'Takes the signed request of another node for a link, or its answer to ours. Answers how the two nodes stand, with our own signed agreement where there is one.',
  input: signedLinkStatement,
  output: z.strictObject({ state: z.enum(['asking', 'agreed', 'declined']), answer: signedLinkStatement.nullable() }),
  errors: ['federation.bad_signature', 'federation.statement_not_for_us', 'federation.statement_too_old', 'federation.peer_blocked', 'federation.too_many_requests'],
});

export const actOnPeer = defineOperation({
  subject: 'federation.v1.peer.act', roles: ['operator'],
  summary: 'Approves, declines, pauses, drains, suspends, resumes, blocks, unblocks, retries or forgets a peer, or takes the last of these back.',
  input: z.strictObject({ nodeId, action: peerAction, reason: text(300).nullable().default(null) }), output: peer, errors: [...peerErrors, 'federation.peer_unreachable'],
});

/** One thing that an action on a peer would touch. */
export const impactItem = z.strictObject({
  what: z.enum(['open_chains', 'open_agreements', 'open_obligations', 'members_affected', 'listings_hidden']), count: z.int(),
  sentence: z.string(), examples: z.array(z.string()).max(5),
}).meta({ id: 'ImpactItem' });

export const previewAction = defineOperation({
  subject: 'federation.v1.peer.preview', summary: 'What would be touched if the peer were paused, drained, suspended or blocked. Changes nothing.', roles: ['operator'],
  input: z.strictObject({ nodeId, action: peerAction.default('block') }),
  output: z.strictObject({ nodeId, name: z.string(), action: peerAction, isReversible: z.boolean(), items: z.array(impactItem), unanswered: z.array(z.string()).meta({ description: 'Services that did not answer: what they know is missing here.' }) }),
  errors: ['federation.peer_unknown'],
});

/** Asked of each service before a peer is cut off: what of it is bound up with the node. */
const impactOf = <const Context extends string>(context: Context) => defineOperation({
  subject: `${context}.v1.impact.measure`, summary: 'What of this service is bound up with a node.', roles: [],
  input: z.strictObject({ nodeId }), output: z.strictObject({ items: z.array(impactItem).max(5) }), errors: [],
});

export const IMPACT_OPERATIONS = {
  exchange: impactOf('exchange'), clearing: impactOf('clearing'), agreement: impactOf('agreement'), matching: impactOf('matching'), identity: impactOf('identity'),
} as const;

/** A line of the list of nodes that are let in or kept out. */
export const listedNode = z.strictObject({ nodeId, name: z.string(), verdict: z.enum(['allow', 'block']), reason: z.string().nullable(), listedAt: instant }).meta({ id: 'ListedNode' });

export const listNodesAdmitted = defineOperation({
  subject: 'federation.v1.admission.list', roles: ['operator'],
  summary: 'The list of nodes that are let in or kept out. Without an entry a node is kept out; it may still ask for a link.',
  input: z.strictObject({ ...pageRequest, verdict: z.enum(['allow', 'block']).optional() }), output: pageOf(listedNode), errors: [],
});

export const exportAdmissions = defineOperation({
  subject: 'federation.v1.admission.export', summary: 'The same list as CSV: node_id,name,verdict,reason.', roles: ['operator'],
  input: z.strictObject({}), output: z.strictObject({ csv: z.string(), rows: z.int() }), errors: [],
});

export const importAdmissions = defineOperation({
  subject: 'federation.v1.admission.import', roles: ['operator'],
  summary: 'Takes in a list as CSV, whole or not at all. Says what it would change; changes it only where `dryRun` is false.',
  input: z.strictObject({ csv: z.string().max(500_000), dryRun: z.boolean().default(true) }),
  output: z.strictObject({ dryRun: z.boolean(), added: z.int(), changed: z.int(), unchanged: z.int(), changes: z.array(z.strictObject({ nodeId, from: z.string().nullable(), to: z.string() })) }),
  errors: ['federation.list_malformed'],
});

/** A peer's standing has changed. `isOpen`: new business with it may be begun. */
export const peerChanged = defineEvent({
  subject: 'evt.federation.v1.peer.changed',
  payload: z.strictObject({ nodeId, state: peerState, previous: peerState.nullable(), isOpen: z.boolean(), changedAt: instant }),
});
