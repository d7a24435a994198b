import { z } from 'zod';

/** Settings of the door. */
export const gatewaySettings = z.object({
  KULA_GATEWAY_PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  KULA_GATEWAY_HOST: z.string().default('0.0.0.0'),
  KULA_GATEWAY_URL: z.url({ protocol: /^https?$/, error: 'the public address of the gateway, such as https://north.example' }).optional(),
  KULA_NODE_NAME: z.string().default('Kula node'),
  KULA_METRICS_TOKEN: z.string().regex(/^[\x21-\x7e]{24,200}$/, 'a secret of at least 24 characters').optional(),
  KULA_GATEWAY_RATE_PER_MINUTE: z.coerce.number().int().min(1).default(6000),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
