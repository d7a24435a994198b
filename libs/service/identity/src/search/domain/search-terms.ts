/** What a word of the registry belongs to. */
export type TermField = 'name' | 'place' | 'capability' | 'unit';

/** A word under which something is found. */
export interface SearchTerm { readonly field: TermField; readonly term: string }

/** One condition of a search: a term of the field lies between both ends, which belong to the range. */
export interface TermRange { readonly field: TermField; readonly from: string; readonly to: string }

/** What a cooperative is found by. */
export interface CooperativeWords {
  readonly name: string;
  readonly place: string | null;
  readonly profile?: { readonly place: string | null; readonly capabilities: readonly string[]; readonly units: readonly string[] } | undefined;
}

/** What is searched for. Everything that is given must hold. */
export interface TermQuery {
  readonly text?: string | undefined;
  readonly place?: string | undefined;
  readonly capability?: string | undefined;
  readonly unit?: string | undefined;
}

/** Longer words are cut: nobody types more, and an index has room for so much only. In characters. */
const WORD_MAX = 40;

/** Behind every text that begins with a word, in the order of code points. */
const LAST_CHARACTER = '\u{10FFFF}';

const ACCENTS = /[\u0300-\u036f]/gu;
const WORDS = /[\p{L}\p{N}\p{M}]+/gu;

/** Letters whose accent is part of the letter, which no decomposition takes off, and the sigma that only ends words. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'], ['æ', 'ae'], ['œ', 'oe'], ['ø', 'o'], ['đ', 'd'], ['ð', 'd'], ['þ', 'th'], ['ł', 'l'], ['ħ', 'h'], ['ı', 'i'], ['ς', 'σ'],
]);
const PLAINED = new RegExp(`[${[...PLAIN.keys()].join('')}]`, 'gu');

/** Words of a text without case and accents, each once, in the order of the text. Terms are stored so: another folding needs them made anew. */
export function foldedWords(text: string): readonly string[] {
  const bare = text.normalize('NFKD').replace(ACCENTS, '').toLowerCase().normalize('NFKD').replace(ACCENTS, '');
  const plain = bare.replace(PLAINED, (letter) => PLAIN.get(letter) ?? letter);
  return [...new Set((plain.match(WORDS) ?? []).map((word) => [...word].slice(0, WORD_MAX).join('')))];
}

/** `food.catering.vegan` is found under `food`, `food.catering` and itself. */
export function capabilityPrefixes(capability: string): readonly string[] {
  const parts = capability.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}

const termsOf = (field: TermField, terms: readonly string[]): SearchTerm[] => [...new Set(terms)].map((term) => ({ field, term }));

/** Terms of a node: the words of its name and of its domain. */
export const nodeTerms = ({ name, domain }: { readonly name: string; readonly domain: string }): SearchTerm[] =>
  termsOf('name', [...foldedWords(name), ...foldedWords(domain)]);

/** Terms of a cooperative: its name, both places, and what its profile offers. */
export function cooperativeTerms({ name, place, profile }: CooperativeWords): SearchTerm[] {
  return [
    ...termsOf('name', foldedWords(name)), ...termsOf('place', [...foldedWords(place ?? ''), ...foldedWords(profile?.place ?? '')]),
    ...termsOf('capability', (profile?.capabilities ?? []).flatMap(capabilityPrefixes)), ...termsOf('unit', profile?.units ?? []),
  ];
}

const beginningWith = (field: TermField) => (word: string): TermRange => ({ field, from: word, to: word + LAST_CHARACTER });
const exactly = (field: TermField, term: string | undefined): TermRange[] => (term === undefined ? [] : [{ field, from: term, to: term }]);

/** The conditions of a search. Code points are compared, as the collation "C" does. */
export function rangesOf({ text = '', place = '', capability, unit }: TermQuery): TermRange[] {
  return [
    ...foldedWords(text).map(beginningWith('name')), ...foldedWords(place).map(beginningWith('place')),
    ...exactly('capability', capability), ...exactly('unit', unit),
  ];
}
