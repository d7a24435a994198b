import { describe, expect, it } from '@jest/globals';
import { OPERATIONS, PLATFORM_ERRORS } from '@kula/contracts';
import { GATEWAY_PROBLEMS } from './gateway-problems.js';
import { PROBLEM_CODES, problemOf, PROBLEMS } from './problem-table.js';

describe('the problem table', () => {
  it('has a row for every code of every operation and no other', () => {
    const declared = new Set<string>([...PLATFORM_ERRORS, ...OPERATIONS.flatMap(({ errors }) => errors)]);
    expect(Object.keys(PROBLEMS).sort()).toEqual([...declared].sort());
  });

  it('keeps the codes of the door apart from those of the operations', () => {
    for (const code of Object.keys(GATEWAY_PROBLEMS)) expect([code, code.startsWith('gateway.'), code in PROBLEMS]).toEqual([code, true, false]);
    expect(PROBLEM_CODES).toHaveLength(Object.keys(PROBLEMS).length + Object.keys(GATEWAY_PROBLEMS).length);
  });

  it.each(PROBLEM_CODES)('%s says in sentences what it means and what to do', (code) => {
    const row = problemOf(code);
    expect(row?.title).toMatch(/^[A-Z][^.]+$/);
    expect(row?.meaning).toMatch(/^[A-Z].+\.$/);
    expect(row?.remedy).toMatch(/^[A-Z].+\.$/);
  });

  it('answers refusals in the 4xx range and keeps 5xx for faults and bugs', () => {
    const others = PROBLEM_CODES.filter((code) => (problemOf(code)?.status ?? 0) >= 500);
    expect(others.sort()).toEqual(['dependency.unavailable', 'gateway.internal']);
  });

  it('calls what is not known 404, except where it is one of several parts of a request', () => {
    const unknown = PROBLEM_CODES.filter((code) => /unknown$/.test(code) && problemOf(code)?.status !== 404);
    expect(unknown).toEqual(['agreement.party_unknown', 'gateway.media_type_unknown']);
  });
});
