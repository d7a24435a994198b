import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A setting is missing or wrong. The message names the variable and what it should be. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

const suffixOf = (service: string) => service.toUpperCase().replaceAll('-', '_');

/** The value of one variable: `NAME_SERVICE` before `NAME`, and for each `…_FILE` naming a file that holds it. */
function lookUp(env: Environment, name: string, service: string): string | undefined {
  for (const variable of [`${name}_${suffixOf(service)}`, name]) {
    if (env[variable] !== undefined && env[variable] !== '') return env[variable];
    const file = env[`${variable}_FILE`];
    if (file !== undefined && file !== '') return readFileSync(file, 'utf8').trimEnd();
  }
  return undefined;
}

/**
 * The settings of one service, parsed once when it starts.
 *
 * Keys of the schema are environment variable names. A variable may be given for one service only (`KULA_DATABASE_URL_CLEARING`)
 * and any may be given as a file (`KULA_DATABASE_URL_FILE`), as container secrets are.
 * @throws SettingsError naming every variable that is missing or wrong.
 */
export function readSettings<Schema extends z.ZodObject>(schema: Schema, service: string, env: Environment): z.infer<Schema> {
  const values = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, lookUp(env, name, service)]));
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new SettingsError(`the ${service} service cannot start, its settings are not right:\n${lines.join('\n')}`);
}

/** Settings every service has. */
export const serviceSettings = z.object({
  KULA_NODE_ID: z.string().regex(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/, 'the id of this node, as made by its key'),
  KULA_NATS_URL: z.url({ protocol: /^(nats|tls)$/, error: 'a NATS address such as nats://node:secret@127.0.0.1:4222' }),
  KULA_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'a Postgres address such as postgres://identity:secret@127.0.0.1:5432/kula' }),
  KULA_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  KULA_HEALTH_PORT: z.coerce.number().int().min(0).max(65535).optional(),
});

/** Where a process shows what it measures, whatever services it runs. */
export const metricsSettings = z.object({
  KULA_METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  KULA_METRICS_HOST: z.string().default('0.0.0.0'),
});

export type MetricsSettings = z.infer<typeof metricsSettings>;

export type ServiceSettings = z.infer<typeof serviceSettings>;
