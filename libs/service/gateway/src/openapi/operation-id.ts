import type { DoorOperation } from '../routes/route.js';

const camel = (words: string): string => words.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const plural = (noun: string): string => (/[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`);

/** `identity.v1.cooperative.register` is `identity.registerCooperative`; a list speaks of many: `identity.listSessionKeys`. */
export function operationIdOf({ subject }: DoorOperation): string {
  const [context = '', , noun = '', verb = ''] = subject.split('.');
  return `${context}.${camel(verb)}${capital(camel(verb === 'list' ? plural(noun) : noun))}`;
}
