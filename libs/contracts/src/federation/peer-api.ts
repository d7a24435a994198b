import { z } from 'zod';
import { hash, instant, nodeId, signature } from '../core/values.js';

/**
 * What one node asks another over its link: `fedapi.<verb>.<caller's node id>`, JSON both ways.
 *
 * Public law between strangers: additive only, unknown members are passed over. The last token of the subject says who
 * asks; the NATS account of the asked node lets a peer publish under its own id only.
 */
export const PEER_API = {
  open: 'fedapi.open', range: 'fedapi.range', heads: 'fedapi.heads', snapshot: 'fedapi.snapshot', proof: 'fedapi.proof', ask: 'fedapi.ask',
} as const;

/** Place in a peer's stream. `epoch` is the creation time of the stream: another epoch is another stream. */
const streamPlace = { epoch: z.string().min(1).max(64) };

/** Last entry of a log. */
export const logHead = z.looseObject({ seq: z.int().min(1), hash });

/** What of the asked node's stream is wanted. `own`: entries issued by that node itself. `all`: every log it holds, as a relay. */
export const linkView = z.enum(['own', 'all']).meta({ id: 'LinkView' });

/** Asks for a consumer that starts at a place of the stream. */
export const openRequest = z.looseObject({
  from: z.int().min(1), epoch: z.string().min(1).max(64).nullable(), view: linkView.default('own'),
});

/** A pull consumer made for the caller. Delivers from `from` in the named epoch; a caller that named another one begins at 1. */
export const openAnswer = z.looseObject({
  stream: z.literal('FEDLOG'), consumer: z.string().regex(/^p_[A-Za-z0-9]{1,64}$/), ...streamPlace, from: z.int().min(1), head: logHead.nullable(),
});

/** Asks for entries of one issuer by their sequence numbers, both ends included. */
export const rangeRequest = z.looseObject({ issuer: nodeId, from: z.int().min(1), to: z.int().min(1) });

/**
 * The first entries of the range that are held and fit in one answer, in order. Empty where none is held.
 *
 * `checkpoint`: the signed checkpoint entry that covers the range, where some of it is kept no longer.
 */
export const rangeAnswer = z.looseObject({ entries: z.array(z.string().max(65_536)).max(500), checkpoint: z.string().max(65_536).optional() });

/** Asks for what the asked node holds of every log, from one issuer on. */
export const headsRequest = z.looseObject({ after: nodeId.nullable().default(null) });

/** What a node says it holds: issuer to sequence number and hash of the last entry. Signed with the domain `sep/head-vector/v1`. */
export const headsStatement = z.looseObject({
  node_id: nodeId, made_at: instant, heads: z.record(nodeId, z.tuple([z.int().min(1), hash])), next: nodeId.nullable(),
});

/** At most 400 heads; `next` names the issuer to go on after. */
export const headsAnswer = z.looseObject({ statement: headsStatement, signature });

/** Asks for the live entries below a checkpoint of an issuer. */
export const snapshotRequest = z.looseObject({ issuer: nodeId, checkpoint: z.int().min(2), after: z.int().min(0) });

/** The next live entries, in order; `isLast` where no further one is below the checkpoint. */
export const snapshotAnswer = z.looseObject({ entries: z.array(z.string().max(65_536)).max(500), isLast: z.boolean() });

/** Asks for the proof that an issuer has contradicted itself. */
export const proofRequest = z.looseObject({ issuer: nodeId });

export const proofAnswer = z.looseObject({ proof: z.looseObject({}).nullable() });

/** A question of one service of a node to the same service of another; see `peer-questions.ts`. At most 3 KB. */
export const askRequest = z.looseObject({ kind: z.string().max(64), body: z.looseObject({}) });

export const askAnswer = z.looseObject({ body: z.looseObject({}) });

/** Why a peer was not answered: `federation.<reason>`. */
export const peerRefusal = z.looseObject({ refused: z.string().max(64), detail: z.string().max(300) });

export type LinkView = z.infer<typeof linkView>;
export type OpenRequest = z.infer<typeof openRequest>;
export type OpenAnswer = z.infer<typeof openAnswer>;
export type RangeRequest = z.infer<typeof rangeRequest>;
export type RangeAnswer = z.infer<typeof rangeAnswer>;
export type HeadsRequest = z.infer<typeof headsRequest>;
export type HeadsStatement = z.infer<typeof headsStatement>;
export type HeadsAnswer = z.infer<typeof headsAnswer>;
export type SnapshotRequest = z.infer<typeof snapshotRequest>;
export type SnapshotAnswer = z.infer<typeof snapshotAnswer>;
export type ProofRequest = z.infer<typeof proofRequest>;
export type ProofAnswer = z.infer<typeof proofAnswer>;
export type AskRequest = z.infer<typeof askRequest>;
export type AskAnswer = z.infer<typeof askAnswer>;
export type PeerRefusal = z.infer<typeof peerRefusal>;
