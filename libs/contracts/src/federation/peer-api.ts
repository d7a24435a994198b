import { z } from 'zod';
import { hash, nodeId } from '../core/values.js';

/**
 * What one node asks another over its link: `fedapi.<verb>.<caller's node id>`, JSON both ways.
 *
 * Public law between strangers: additive only, unknown members are passed over. The last token of the subject says who
 * asks; the NATS account of the asked node lets a peer publish under its own id only.
 */
export const PEER_API = { open: 'fedapi.open', range: 'fedapi.range' } as const;

/** Place in a peer's stream. `epoch` is the creation time of the stream: another epoch is another stream. */
const streamPlace = { epoch: z.string().min(1).max(64) };

/** Last entry of a log. */
export const logHead = z.looseObject({ seq: z.int().min(1), hash });

/** Asks for a consumer that starts at a place of the stream. `own`: entries issued by the asked node itself. */
export const openRequest = z.looseObject({
  from: z.int().min(1), epoch: z.string().min(1).max(64).nullable(), view: z.literal('own').default('own'),
});

/** A pull consumer made for the caller. Delivers from `from` in the named epoch; a caller that named another one begins at 1. */
export const openAnswer = z.looseObject({
  stream: z.literal('FEDLOG'), consumer: z.string().regex(/^p_[A-Za-z0-9]{1,64}$/), ...streamPlace, from: z.int().min(1), head: logHead.nullable(),
});

/** Asks for entries of one issuer by their sequence numbers, both ends included. */
export const rangeRequest = z.looseObject({ issuer: nodeId, from: z.int().min(1), to: z.int().min(1) });

/** The first entries of the range that are held and fit in one answer, in order. Empty where none is held. */
export const rangeAnswer = z.looseObject({ entries: z.array(z.string().max(65_536)).max(500) });

/** Why a peer was not answered: `federation.<reason>`. */
export const peerRefusal = z.looseObject({ refused: z.string().max(64), detail: z.string().max(300) });

export type OpenRequest = z.infer<typeof openRequest>;
export type OpenAnswer = z.infer<typeof openAnswer>;
export type RangeRequest = z.infer<typeof rangeRequest>;
export type RangeAnswer = z.infer<typeof rangeAnswer>;
export type PeerRefusal = z.infer<typeof peerRefusal>;
