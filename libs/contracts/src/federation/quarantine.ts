import { z } from 'zod';
import { defineOperation } from '../core/define.js';
import { hash, instant, nodeId, pageOf, pageRequest, text } from '../core/values.js';

/** A node that has signed two different entries for one place of its log. Nothing of it is taken from there on until people decide. */
export const equivocation = z.strictObject({
  issuer: nodeId, at: z.int(), hashes: z.tuple([hash, hash]), foundAt: instant,
  shownBy: nodeId.meta({ description: 'Peer that delivered the second entry, or published the proof.' }),
  state: z.enum(['frozen', 'released']), kept: hash.nullable().meta({ description: 'Hash of the branch that people decided for.' }), reason: z.string().nullable(),
  proof: z.looseObject({}).meta({ description: 'Both signed branches: checkable by anybody who has the keys.' }),
}).meta({ id: 'Equivocation' });

export const listEquivocations = defineOperation({
  subject: 'federation.v1.equivocation.list', summary: 'Nodes that have contradicted themselves, with the proofs.', roles: ['public'],
  input: z.strictObject({ ...pageRequest }), output: pageOf(equivocation), errors: [],
});

export const releaseIssuer = defineOperation({
  subject: 'federation.v1.issuer.release', roles: ['operator'],
  summary: 'Takes entries of a frozen node again, along the branch this node holds. The other branch stays refused.',
  input: z.strictObject({ issuer: nodeId, reason: text(300) }), output: equivocation,
  errors: ['federation.issuer_unknown', 'federation.issuer_not_frozen'],
});

export const confirmOwnLog = defineOperation({
  subject: 'federation.v1.log.confirm', roles: ['operator'],
  summary: 'Lets this node sign again although too few peers have said what they hold of its log. Only after making sure that no newer copy of its database exists: what peers hold beyond it would be contradicted.',
  input: z.strictObject({ reason: text(300) }), output: z.strictObject({ isSealing: z.boolean(), head: z.int().nullable() }),
  errors: ['federation.log_not_waiting', 'federation.log_contradicted'],
});
