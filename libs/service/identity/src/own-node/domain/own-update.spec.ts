import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { needsUpdate, type AnnouncedWords, type DraftedWords, type NodeWords } from './own-update.js';

const words = (name: string): NodeWords => ({ name, domain: 'north.example', gatewayUrl: 'https://north.example', operatorId: 'did:dia' });
const announced = (name: string, announcedSeq = 1): AnnouncedWords => ({ ...words(name), announcedSeq });
const drafted = (name: string, afterSeq = 1): DraftedWords => ({ ...words(name), afterSeq });

describe('needsUpdate', () => {
  it.each<[string, boolean, NodeWords, AnnouncedWords, DraftedWords | undefined]>([
    ['not while the log has not begun', false, words('new'), announced('old', 0), undefined],
    ['not where the log says it', false, words('old'), announced('old'), undefined],
    ['where the log says something else', true, words('new'), announced('old'), undefined],
    ['not where the update is on its way', false, words('new'), announced('old'), drafted('new')],
    ['where another update is on its way', true, words('newest'), announced('old'), drafted('new')],
    ['where the old words are wanted back while an update is on its way', true, words('old'), announced('old'), drafted('new')],
    ['not where the update has come back', false, words('new'), announced('new', 7), drafted('new')],
    ['where the log went on with something else', true, words('new'), announced('other', 9), drafted('new', 7)],
  ])('says so: %s', (_when, expected, settings, log, draft) => { expect(needsUpdate(settings, log, draft)).toBe(expected); });

  it.each<[keyof NodeWords, string]>([['name', 'x'], ['domain', 'x.example'], ['gatewayUrl', 'https://x.example'], ['operatorId', 'did:x']])('looks at the %s', (field, value) => {
    expect(needsUpdate({ ...words('old'), [field]: value }, announced('old'), undefined)).toBe(true);
  });

  it('drafts once for any number of starts, and ends with what the settings say', () => {
    const steps = fc.array(fc.oneof(fc.constant('back' as const), fc.record({ start: fc.constantFrom('a', 'b', 'c') })), { maxLength: 20 });
    fc.assert(fc.property(steps, (taken) => {
      let log = announced('a');
      let draft: DraftedWords | undefined;
      let last = 'a';
      const underWay: string[] = [];
      let seq = 1;
      const start = (name: string): void => {
        if (!needsUpdate(words(name), log, draft)) return;
        underWay.push(name);
        draft = drafted(name, log.announcedSeq);
      };
      const comeBack = (): void => {
        const name = underWay.shift();
        if (name !== undefined) log = announced(name, (seq += 1));
      };
      for (const step of taken) {
        if (step === 'back') { comeBack(); continue; }
        last = step.start;
        start(last);
        const sent = underWay.length;
        start(last);
        expect(underWay).toHaveLength(sent);
      }
      while (underWay.length > 0) comeBack();
      start(last);
      while (underWay.length > 0) comeBack();
      expect(log.name).toBe(last);
      expect(needsUpdate(words(last), log, draft)).toBe(false);
    }));
  });
});
