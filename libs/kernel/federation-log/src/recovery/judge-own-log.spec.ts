import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeOwnLog, type OwnLog, type WordOfPeer } from './judge-own-log.js';

const LENGTH = 5;
const ours = (seq: number) => ({ seq, hash: `ours ${seq}` });
const theirs = (seq: number) => ({ seq, hash: `theirs ${seq}` });
/** A node that holds the first entries of its log; of those below the head only the kept ones. */
const holding = (seq: number, keptFrom = 1): OwnLog => ({ head: seq === 0 ? undefined : ours(seq), hashAt: (at) => (at < keptFrom || at > seq ? undefined : ours(at).hash) });

const owns = fc.integer({ min: 0, max: LENGTH }).chain((seq) => fc.integer({ min: 1, max: LENGTH }).map((keptFrom) => ({ seq, keptFrom })));
const peers = fc.constantFrom('ana', 'ben', 'cal', 'dia');
const claims = (branch: (seq: number) => { seq: number; hash: string }) => fc.integer({ min: 1, max: LENGTH + 2 }).map(branch);
const honestHeads = fc.oneof(fc.constant(null), claims(ours));
const heads = fc.oneof({ weight: 4, arbitrary: honestHeads }, { weight: 1, arbitrary: claims(theirs) });
const wordsOf = (said: fc.Arbitrary<WordOfPeer['head']>) => fc.array(fc.record({ peer: peers, head: said }), { maxLength: 5 });
const answers = fc.integer({ min: 0, max: 4 });

describe('judging our own log', () => {
  it('never agrees while any word says more than we hold, or another thing', () => {
    fc.assert(fc.property(owns, wordsOf(heads), answers, ({ seq, keptFrom }, words, needed) => {
      const own = holding(seq, keptFrom);
      fc.pre(judgeOwnLog(own, words, needed).verdict === 'agreed');
      for (const { head } of words) {
        expect(head?.seq ?? 0).toBeLessThanOrEqual(seq);
        const held = head?.seq === seq ? own.head?.hash : own.hashAt(head?.seq ?? 0);
        if (held !== undefined) expect(head?.hash).toBe(held);
      }
    }));
  });

  it('never agrees before as many peers have answered as are needed, those that hold nothing of us among them', () => {
    fc.assert(fc.property(owns, wordsOf(heads), answers, ({ seq, keptFrom }, words, needed) => {
      const heard = new Set(words.map(({ peer }) => peer)).size;
      const verdict = judgeOwnLog(holding(seq, keptFrom), words, needed);
      if (verdict.verdict === 'agreed') expect(heard).toBeGreaterThanOrEqual(needed);
      if (verdict.verdict === 'wait') expect(verdict).toEqual({ verdict: 'wait', heard, needed });
      if (verdict.verdict === 'wait') expect(heard).toBeLessThan(needed);
    }));
  });

  it('agrees where all that was said is ours and not more', () => {
    fc.assert(fc.property(owns, fc.array(fc.record({ peer: peers, at: fc.nat() }), { minLength: 1 }), ({ seq, keptFrom }, said) => {
      const words = said.map(({ peer, at }) => ({ peer, head: at % (seq + 1) === 0 ? null : ours(at % (seq + 1)) }));
      expect(judgeOwnLog(holding(seq, keptFrom), words, 1)).toEqual({ verdict: 'agreed' });
    }));
  });

  it('finds a contradiction whatever else is said', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: LENGTH }), fc.nat(), wordsOf(heads), answers, (seq, at, words, needed) => {
      const against = { peer: 'eve', head: theirs(1 + (at % seq)) };
      const verdict = judgeOwnLog(holding(seq), [...words, against], needed);
      expect(verdict.verdict).toBe('contradicted');
      expect('at' in verdict && verdict.at).toBeLessThanOrEqual(against.head.seq);
    }));
  });

  it('finds a contradiction among peers ahead of us', () => {
    const words = [{ peer: 'ana', head: ours(4) }, { peer: 'ben', head: theirs(4) }];
    expect(judgeOwnLog(holding(2), words, 2)).toEqual({ verdict: 'contradicted', at: 4, peer: 'ben' });
  });

  it('fetches back the furthest that anybody holds, though too few have answered', () => {
    fc.assert(fc.property(owns, wordsOf(honestHeads), answers, ({ seq, keptFrom }, words, needed) => {
      const furthest = Math.max(0, ...words.map(({ head }) => head?.seq ?? 0));
      const verdict = judgeOwnLog(holding(seq, keptFrom), words, needed);
      const holders = [...new Set(words.filter(({ head }) => head?.seq === furthest).map(({ peer }) => peer))].sort();
      expect(verdict.verdict === 'behind').toBe(furthest > seq);
      if (verdict.verdict === 'behind') expect(verdict).toEqual({ verdict: 'behind', to: ours(furthest), holders });
    }));
  });

  it('concludes nothing from a number at which nothing is kept any more', () => {
    expect(judgeOwnLog(holding(5, 4), [{ peer: 'ana', head: theirs(2) }], 1)).toEqual({ verdict: 'agreed' });
  });

  it('does not depend on the order of the words', () => {
    const shuffled = wordsOf(heads).chain((words) => fc.tuple(fc.constant(words), fc.shuffledSubarray(words, { minLength: words.length })));
    fc.assert(fc.property(owns, shuffled, answers, ({ seq, keptFrom }, [words, others], needed) => {
      expect(judgeOwnLog(holding(seq, keptFrom), others, needed)).toEqual(judgeOwnLog(holding(seq, keptFrom), words, needed));
    }));
  });

  it('counts a peer once, whatever it says', () => {
    const twice = [{ peer: 'ana', head: null }, { peer: 'ana', head: ours(1) }];
    expect(judgeOwnLog(holding(3), twice, 2)).toEqual({ verdict: 'wait', heard: 1, needed: 2 });
  });

  it('lets a node without peers begin only where none are needed', () => {
    expect(judgeOwnLog(holding(0), [], 0)).toEqual({ verdict: 'agreed' });
    expect(judgeOwnLog(holding(0), [], 2)).toEqual({ verdict: 'wait', heard: 0, needed: 2 });
  });
});
