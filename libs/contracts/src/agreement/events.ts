import { z } from 'zod';
import { defineEvent } from '../core/define.js';
import { hash } from '../core/values.js';
import { agreementTerms } from '../messages/agreements.js';
import { agreementState } from './operations.js';

/** An agreement changed its state on this node. `version` rises with every change of one agreement. */
export const agreementChanged = defineEvent({
  subject: 'evt.agreement.v1.agreement.changed',
  payload: z.strictObject({ state: agreementState, termsHash: hash, terms: agreementTerms, version: z.int().min(1) }),
});
