import { z } from 'zod';

/** Permanent id of a participant, cooperative or operator. */
export const did = z.string().regex(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/, 'must be an Ed25519 did:key').meta({ id: 'Did', example: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' });

/** Permanent id of a node: the fingerprint of its first key. */
export const nodeId = z.string().regex(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/, 'must be a node id').meta({ id: 'NodeId' });

/** SHA-256, base64url without padding. */
export const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 hash, base64url').meta({ id: 'Hash' });

/** Ed25519 signature, base64url without padding. */
export const signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/, 'must be an Ed25519 signature, base64url').meta({ id: 'Signature' });

/** A moment, RFC 3339 in UTC. */
export const instant = z.iso.datetime({ error: 'must be a UTC time such as 2026-12-01T09:00:00Z' }).meta({ id: 'Instant' });

/** A positive integer count of minor units, as a canonical decimal string of at most 38 digits. */
export const minorUnits = z.string().regex(/^[1-9][0-9]{0,37}$/, 'must be a positive whole number without leading zeros').meta({ id: 'MinorUnits', example: '1250' });

/** A non-negative integer as a decimal string: a sum of up to 10,000 amounts of minor units. */
export const naturalNumber = z.string().regex(/^(0|[1-9][0-9]{0,41})$/, 'must be a whole number').meta({ id: 'NaturalNumber' });

/** An integer of either sign as a decimal string. */
export const wholeNumber = z.string().regex(/^(0|-?[1-9][0-9]{0,41})$/, 'must be a whole number').meta({ id: 'WholeNumber' });

/** Unit of account or measure: capital letters, digits and dashes (HOUR, KGM, EUR). */
export const unit = z.string().regex(/^[A-Z][A-Z0-9-]{0,15}$/, 'must be a unit such as HOUR, KGM or PIECE').meta({ id: 'Unit', example: 'HOUR' });

/** A quantity and its unit. */
export const quantity = z.strictObject({ amount: minorUnits, unit }).meta({ id: 'Quantity' });

/** A millionth: 1_000_000 is one. Integers keep scores exact on every machine. */
export const micro = z.int().min(0).max(1_000_000).meta({ id: 'Micro', description: 'Millionths: 1000000 is one.' });

/** An id chosen by its author: letters, digits, dot, dash and underscore. */
export const recordId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores').meta({ id: 'RecordId' });

/**
 * One line of text for people: no control characters, no half characters, no space at either end.
 *
 * Text is refused rather than trimmed: what a party signs must be what is checked and stored.
 */
export const line = (max: number) => z.string().min(1, 'must not be empty').max(max, `must be at most ${max} characters`)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of plain text').regex(/^\S(.*\S)?$/u, 'must not begin or end with a space');

/** Text of several lines for people. */
export const text = (max: number) => z.string().min(1, 'must not be empty').max(max, `must be at most ${max} characters`)
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, 'must be plain text');

/** A page of a listing, in the order of the resource. */
export const pageRequest = { limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(200).optional() };

/** What a page answers: the items and, where more follow, the cursor of the next page. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
