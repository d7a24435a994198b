import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QUESTIONS_MAX, questionsOf, TERM_BYTES_MAX } from './terms-to-ask.js';

const QUESTION_BYTES_MAX = 3_072;
const term = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}(\.[a-z][a-z0-9-]{0,40}){0,5}$/);
const terms = fc.record({ gives: fc.uniqueArray(term, { maxLength: 200 }), seeks: fc.uniqueArray(term, { maxLength: 200 }) });

describe('questionsOf', () => {
  it('asks nothing where nothing is of use', () => expect(questionsOf({ gives: [], seeks: [] })).toEqual([]));

  it('asks everything at once where it fits', () => {
    expect(questionsOf({ gives: ['food'], seeks: ['legal', 'design'] })).toEqual([{ gives: ['food'], seeks: ['legal', 'design'] }]);
  });

  it('stays within its bounds, in bytes and in number', () => {
    fc.assert(fc.property(terms, (all) => {
      const questions = questionsOf(all);
      expect(questions.length).toBeLessThanOrEqual(QUESTIONS_MAX);
      for (const question of questions) {
        const body = { kind: 'matching.candidates', body: { ...question, after: 'l-'.padEnd(64, 'x') } };
        expect(new TextEncoder().encode(JSON.stringify(body)).length).toBeLessThan(QUESTION_BYTES_MAX);
        expect(Math.max(question.gives.length, question.seeks.length)).toBeLessThanOrEqual(60);
      }
    }));
  });

  it('asks each term once, what is named first before the rest, and leaves out only what does not fit', () => {
    fc.assert(fc.property(terms, (all) => {
      const questions = questionsOf(all);
      for (const side of ['gives', 'seeks'] as const) {
        const asked = questions.flatMap((question) => question[side]);
        expect(asked).toEqual(all[side].slice(0, asked.length));
        if (questions.length < QUESTIONS_MAX) expect(asked).toEqual(all[side]);
      }
    }));
  });

  it('passes over a term that no question can carry', () => {
    const long = 'a'.repeat(TERM_BYTES_MAX);
    expect(questionsOf({ gives: [long, 'food'], seeks: [] })).toEqual([{ gives: ['food'], seeks: [] }]);
  });
});
