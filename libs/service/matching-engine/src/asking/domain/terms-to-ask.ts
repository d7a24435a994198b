/** Terms that a peer is asked about: of offerings that are known here, and of needs. */
export interface Terms {
  readonly gives: readonly string[];
  readonly seeks: readonly string[];
}

/** Questions to one peer in one search. */
export const QUESTIONS_MAX = 4;
/** Terms of either sort in one question. */
const TERMS_MAX = 60;
/** Bytes of the terms in one question: with everything around them it stays below 3 KB. */
export const TERM_BYTES_MAX = 2_600;

/** Two quotation marks and a comma. */
const AROUND_TERM_BYTES = 3;

/**
 * The terms, packed into at most four questions in the order given, so that what is named first is asked first.
 *
 * Offerings and needs take turns. What lies beyond the fourth question, or is too long for any, is left out. O(terms).
 */
export function questionsOf(terms: Terms): readonly Terms[] {
  const questions: { gives: string[]; seeks: string[]; bytes: number }[] = [];
  for (const [side, term] of turns(terms)) {
    // Terms are plain ASCII, so characters are bytes.
    const bytes = term.length + AROUND_TERM_BYTES;
    if (bytes > TERM_BYTES_MAX) continue;
    const last = questions.at(-1);
    if (last !== undefined && last.bytes + bytes <= TERM_BYTES_MAX && last[side].length < TERMS_MAX) {
      last[side].push(term);
      last.bytes += bytes;
    } else {
      if (questions.length === QUESTIONS_MAX) break;
      questions.push({ gives: [], seeks: [], bytes, [side]: [term] });
    }
  }
  return questions.map(({ gives, seeks }) => ({ gives, seeks }));
}

type Turn = readonly [side: 'gives' | 'seeks', term: string];

function turns({ gives, seeks }: Terms): Turn[] {
  const rounds = Math.max(gives.length, seeks.length);
  return Array.from({ length: rounds }, (_, at): Turn[] => [
    ...gives.slice(at, at + 1).map((term): Turn => ['gives', term]), ...seeks.slice(at, at + 1).map((term): Turn => ['seeks', term]),
  ]).flat();
}
