import type { Json } from '@kula/kernel-crypto';
import { GENESIS_PREVIOUS, isHash, isNodeId, TIME_MS_MAX, type EntryPayload } from './entry.js';
import { isTopicToken } from './topics.js';

const NETWORK = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const TYPE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const SUBJECT = /^\P{Cc}{1,256}$/u;

type Check = (value: Json | undefined) => boolean;

const text = (holds: (value: string) => boolean): Check => (value) => typeof value === 'string' && holds(value);
const absentOr = (check: Check): Check => (value) => value === undefined || check(value);
const isTimeMs: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= TIME_MS_MAX;

const CHECKS: Readonly<Record<keyof EntryPayload, Check>> = {
  v: (value) => value === 1,
  net: text((value) => NETWORK.test(value)),
  iss: text(isNodeId),
  seq: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  prev: text(isHash),
  topic: text(isTopicToken),
  type: text((value) => TYPE.test(value)),
  sub: text((value) => SUBJECT.test(value)),
  ts: isTimeMs,
  to: absentOr(text(isNodeId)),
  re: absentOr(text(isHash)),
  exp: absentOr(isTimeMs),
  body: isRecord,
};

const MEMBERS = Object.entries(CHECKS);

function isRecord(value: Json | undefined): value is { readonly [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first rule of the payload that a value breaks, or undefined where it is a payload. O(1) beside the body, which is not read. */
export function payloadFault(value: Json): string | undefined {
  if (!isRecord(value)) return 'the payload is not an object';
  if (Object.keys(value).some((name) => !Object.hasOwn(CHECKS, name))) return 'the payload has an unknown member';
  const wrong = MEMBERS.find(([name, check]) => !check(value[name]));
  if (wrong !== undefined) return `the payload's ${wrong[0]} is missing or has the wrong form`;
  if ((value['seq'] === 1) !== (value['prev'] === GENESIS_PREVIOUS)) return 'only the first entry has no previous one';
  return undefined;
}
