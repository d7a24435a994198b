import { readFileSync } from 'node:fs';
import { z } from 'zod';

const key = z.string().regex(/^[a-z][a-z0-9-]*$/);

const listing = z.strictObject({
  member: key, kind: z.enum(['offering', 'need']), title: z.string(), capability: z.string(), amount: z.string(), unit: z.string(),
  delivery: z.enum(['onsite', 'remote']).default('onsite'), visibility: z.enum(['network', 'summary', 'query', 'node']).default('network'),
});

const dataset = z.strictObject({
  about: z.string(),
  cooperatives: z.array(z.strictObject({ node: key, key, name: z.string(), place: z.string() })).min(1),
  members: z.array(z.strictObject({ key, cooperative: key, name: z.string() })),
  listings: z.array(listing),
  secondRound: z.array(listing).default([]),
  agreement: z.strictObject({ id: z.string(), title: z.string(), text: z.string(), parties: z.array(key), unit: z.string(), scale: z.int(), periodDays: z.int() }),
  obligations: z.array(z.strictObject({ id: z.string(), debtor: key, creditor: key, amount: z.string(), reference: z.string() })),
  clearingRun: z.string(),
});

/** What the story is played with: data, not code. */
export type Dataset = z.infer<typeof dataset>;

/** Reads a dataset file. @throws ZodError naming what is wrong in it. */
export const readDataset = (file: string): Dataset => dataset.parse(JSON.parse(readFileSync(file, 'utf8')));
