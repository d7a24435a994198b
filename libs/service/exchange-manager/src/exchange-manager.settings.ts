import { z } from 'zod';

/** The longest time for consents that nodes accept of each other: two weeks. */
export const CONSENT_HOURS_MAX = 336;

/** How long people have. Hours may be fractions. */
export const exchangeSettings = z.object({
  KULA_CONSENT_HOURS: z.coerce.number('hours for members to consent to a chain').positive().max(CONSENT_HOURS_MAX).default(72),
  KULA_LEASE_GRACE_HOURS: z.coerce.number('hours after the consent deadline until an unconfirmed reservation is given back').positive().max(CONSENT_HOURS_MAX).default(24),
});

export type ExchangeSettings = z.infer<typeof exchangeSettings>;
