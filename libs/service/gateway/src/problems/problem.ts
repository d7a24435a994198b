import { z } from 'zod';

/** What an error code means over HTTP and to the person who meets it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  /** What the code means, in a sentence. */
  readonly meaning: string;
  /** What to do about it, in a sentence. */
  readonly remedy: string;
}

/** The body of every answer that is not a success (RFC 9457). `code` is public and permanent. */
export const problemDocument = z.strictObject({
  type: z.string().meta({ description: 'Address of the page about this code.' }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  instance: z.string().optional().meta({ description: 'Path of the request.' }),
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional().meta({ description: 'Facts about this case.' }),
  errors: z.array(z.strictObject({ pointer: z.string().meta({ description: 'JSON pointer to the field; a field of path or query is named the same way.' }), detail: z.string() })).optional(),
  correlationId: z.string().meta({ description: 'Quote it when asking the operator.' }),
}).meta({ id: 'Problem' });

export type ProblemDocument = z.infer<typeof problemDocument>;
