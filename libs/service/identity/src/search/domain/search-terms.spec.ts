import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capabilityPrefixes, cooperativeTerms, foldedWords, nodeTerms, rangesOf, type SearchTerm } from './search-terms.js';

describe('foldedWords', () => {
  it.each([
    ['Bäckerei Zürich', ['backerei', 'zurich']], ['Ba\u0308ckerei', ['backerei']], ['BÄCKEREI', ['backerei']], ['Straße', ['strasse']], ['STRASSE', ['strasse']],
    ['Smørrebrød', ['smorrebrod']], ['Łódź', ['lodz']], ['İstanbul ılık', ['istanbul', 'ilik']], ['ΟΔΟΣ οδός', ['οδοσ']], ['ﬁne', ['fine']],
    ['Œuvre & Cie., 2nd', ['oeuvre', 'cie', '2nd']], ['south.example', ['south', 'example']], ['bread bread', ['bread']], ['हिन्दी', ['हिन्दी']], ['…', []],
  ])('makes of %j the words %j', (text, words) => { expect(foldedWords(text)).toEqual(words); });

  it('cuts words that nobody types', () => { expect(foldedWords('a'.repeat(79))).toEqual(['a'.repeat(40)]); });

  it('leaves its own words as they are, and does not see case', () => {
    const latin = fc.string({ unit: fc.constantFrom(...'abcßäöüéñçøłđæœĳ ΣσςŁİıIi.-12'), maxLength: 60 });
    fc.assert(fc.property(fc.oneof(latin, fc.string({ unit: 'grapheme', maxLength: 60 })), (text) => {
      const words = foldedWords(text);
      expect(foldedWords(words.join(' '))).toEqual(words);
    }));
    fc.assert(fc.property(latin.filter((text) => !/[ıİ]/u.test(text)), (text) => { expect(foldedWords(text.toUpperCase())).toEqual(foldedWords(text)); }));
  });
});

describe('capabilityPrefixes', () => {
  it('names everything above and the capability itself', () => {
    expect(capabilityPrefixes('food.catering.vegan')).toEqual(['food', 'food.catering', 'food.catering.vegan']);
    expect(capabilityPrefixes('food')).toEqual(['food']);
  });
});

const byCodePoint = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
/** What the database does with terms and ranges. */
const finds = (terms: readonly SearchTerm[], query: Parameters<typeof rangesOf>[0]) => rangesOf(query).every(({ field, from, to }) =>
  terms.some((each) => each.field === field && byCodePoint(each.term, from) >= 0 && byCodePoint(each.term, to) <= 0));

describe('a search', () => {
  const bakery = cooperativeTerms({
    name: 'Bäckerei Sonne', place: 'Old Town', profile: { place: 'Zürich', capabilities: ['food.catering', 'food.bread'], units: ['HOUR'] },
  });
  it.each<[Parameters<typeof rangesOf>[0], boolean]>([
    [{}, true], [{ text: 'back' }, true], [{ text: 'sonne BÄCK' }, true], [{ text: 'son' }, true], [{ text: 'ckerei' }, false], [{ text: 'back mond' }, false],
    [{ place: 'zur' }, true], [{ place: 'old tow' }, true], [{ place: 'sonne' }, false], [{ text: 'zurich' }, false],
    [{ capability: 'food' }, true], [{ capability: 'food.catering' }, true], [{ capability: 'food.cater' }, false], [{ capability: 'foo' }, false],
    [{ capability: 'food.catering.vegan' }, false], [{ unit: 'HOUR' }, true], [{ unit: 'HOU' }, false], [{ text: 'back', place: 'zur', capability: 'food', unit: 'HOUR' }, true],
    [{ text: 'back', unit: 'KGM' }, false],
  ])('for %j: %j', (query, expected) => { expect(finds(bakery, query)).toBe(expected); });

  it('finds a node by name and by domain', () => {
    const north = nodeTerms({ name: 'Nördlingen', domain: 'kula.north.example' });
    expect([finds(north, { text: 'nord' }), finds(north, { text: 'kula.north' }), finds(north, { text: 'south' })]).toEqual([true, true, false]);
  });

  it('finds everybody by the beginning of each word, and nobody by what is no beginning', () => {
    const word = fc.string({ unit: fc.constantFrom(...'aäbßzéΣ9'), minLength: 1, maxLength: 8 });
    fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), word, fc.nat({ max: 8 }), (name, other, cut) => {
      const terms = cooperativeTerms({ name: name.join(' '), place: null });
      for (const { term } of terms) expect(finds(terms, { text: [...term].slice(0, 1 + (cut % term.length)).join('') })).toBe(true);
      const isBeginning = foldedWords(other).every((asked) => terms.some(({ term }) => term.startsWith(asked)));
      expect(finds(terms, { text: other })).toBe(isBeginning);
    }));
  });

  it('has each term once', () => {
    const terms = cooperativeTerms({ name: 'Bread bread', place: 'Town', profile: { place: 'town', capabilities: ['food.a', 'food.b'], units: [] } });
    expect(terms.map(({ field, term }) => `${field} ${term}`)).toEqual(['name bread', 'place town', 'capability food', 'capability food.a', 'capability food.b']);
  });
});
