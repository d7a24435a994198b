import type { Operation } from './core/define.js';
import type { PlatformErrorCode } from './core/problems.js';
import * as agreement from './agreement/operations.js';
import * as clearing from './clearing/operations.js';
import * as exchange from './exchange/operations.js';
import * as federation from './federation/index.js';
import * as identity from './identity/operations.js';
import * as matching from './matching/index.js';
import * as trust from './trust/operations.js';

const { IMPACT_OPERATIONS, ...ofFederation } = federation;
const impact = Object.fromEntries(Object.entries(IMPACT_OPERATIONS).map(([context, operation]) => [`${context}Impact`, operation]));
const contexts = { ...agreement, ...clearing, ...exchange, ...ofFederation, ...identity, ...matching, ...trust };

type Declared = (typeof contexts)[keyof typeof contexts];
type CodeOf<T> = T extends Operation<infer _I, infer _O, infer Code> ? Code : never;

/** Every refusal an operation of the node may give: the public, permanent codes. */
export type ErrorCode = CodeOf<Declared> | PlatformErrorCode;

const isOperation = (value: object): value is Operation => 'subject' in value && 'errors' in value;

/** Every operation of a node, in subject order: what the gateway publishes and the API description lists. */
export const OPERATIONS: readonly Operation[] = Object.values<object>({ ...contexts, ...impact })
  .filter(isOperation)
  .sort((left, right) => (left.subject < right.subject ? -1 : 1));
