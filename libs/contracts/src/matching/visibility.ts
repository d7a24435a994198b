import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { instant, nodeId, recordId } from '../core/values.js';
import { visibility } from './operations.js';

export const getVisibilityPolicy = defineOperation({
  subject: 'matching.v1.visibility.get', roles: ['public'],
  summary: 'What members of this node may let leave it of their listings, and what is taken where they do not choose.',
  input: z.strictObject({}), output: z.strictObject({ allowed: z.array(visibility), default: visibility }), errors: [],
});

/** That a node was told about a listing because it asked. `summary`: what it is matched by. `details`: whose it is, its title and its place. */
export const disclosure = z.strictObject({
  nodeId, told: z.enum(['summary', 'details']), times: z.int(), firstAt: instant, lastAt: instant,
}).meta({ id: 'Disclosure' });

export const listDisclosures = defineOperation({
  subject: 'matching.v1.disclosure.list', roles: ['participant'],
  summary: 'Which nodes asked about a listing of the signed-in participant and were told, those that asked last first. What stands in the log is told to every node and not listed.',
  input: z.strictObject({ listingId: recordId }), output: z.strictObject({ items: z.array(disclosure).max(200) }),
  errors: ['matching.listing_unknown', 'matching.not_your_listing'],
});
