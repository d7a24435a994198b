/** Cases of what peers say about a node's own log after a restore. */
import { chain, hashOf } from './wire.mjs';

const log = chain([{}, {}, {}, {}, {}]).map(hashOf);
const fork = chain([{ body: { title: 'cake' } }, {}, {}], { seq: 2, hash: log[1] }).map(hashOf);
const ours = (seq) => [seq, log[seq - 1]];
/** The head of the other log, which parts after entry 2. */
const others = (seq) => [seq, fork[seq - 3]];

/** Own log of a length; hashes are kept from a number on. */
const own = (length, keptFrom = 1) => ({
  head: length === 0 ? null : ours(length), hashes: Object.fromEntries(log.slice(0, length).map((hash, at) => [at + 1, hash]).filter(([seq]) => seq >= keptFrom)),
});
const said = (peer, head) => ({ peer, head });

export function ownLogWords() {
  const judged = (name, held, words, { needed, expect }) => ({ name, own: held, words, needed, expect });
  const behind = (seq, ...holders) => ({ verdict: 'behind', to: ours(seq), holders });
  return [
    judged('nobody to ask', own(0), [], { needed: 0, expect: { verdict: 'agreed' } }),
    judged('nobody has answered', own(3), [], { needed: 2, expect: { verdict: 'wait', heard: 0, needed: 2 } }),
    judged('too few have answered', own(3), [said('ana', ours(3))], { needed: 2, expect: { verdict: 'wait', heard: 1, needed: 2 } }),
    judged('one peer twice is one peer', own(3), [said('ana', ours(3)), said('ana', ours(2))], { needed: 2, expect: { verdict: 'wait', heard: 1, needed: 2 } }),
    judged('peers hold what we hold, or less, or nothing', own(3), [said('ana', ours(3)), said('ben', ours(1)), said('cal', null)], { needed: 3, expect: { verdict: 'agreed' } }),
    judged('peers that hold nothing have answered', own(0), [said('ana', null), said('ben', null)], { needed: 2, expect: { verdict: 'agreed' } }),
    judged('a peer holds more', own(3), [said('ana', ours(5)), said('ben', ours(3))], { needed: 2, expect: behind(5, 'ana') }),
    judged('a peer holds more, and too few have answered', own(3), [said('ana', ours(5))], { needed: 2, expect: behind(5, 'ana') }),
    judged('peers hold more, some of them all of it', own(0), [said('cal', ours(5)), said('ben', ours(4)), said('ana', ours(5))], { needed: 2, expect: behind(5, 'ana', 'cal') }),
    judged('a peer holds another head', own(3), [said('ana', ours(3)), said('ben', others(3))], { needed: 2, expect: { verdict: 'contradicted', at: 3, peer: 'ben' } }),
    judged('a peer holds another log that is shorter', own(5), [said('ana', ours(5)), said('ben', others(3))], { needed: 2, expect: { verdict: 'contradicted', at: 3, peer: 'ben' } }),
    judged('a contradiction goes before what is missing and before those who have not answered', own(3), [said('ana', ours(5)), said('ben', others(3))], { needed: 9, expect: { verdict: 'contradicted', at: 3, peer: 'ben' } }),
    judged('the lowest of two contradictions', own(5), [said('ana', others(5)), said('ben', others(4))], { needed: 2, expect: { verdict: 'contradicted', at: 4, peer: 'ben' } }),
    judged('two peers hold two logs ahead of us', own(2), [said(log[3] < fork[1] ? 'ana' : 'ben', ours(4)), said(log[3] < fork[1] ? 'ben' : 'ana', others(4))], { needed: 2, expect: { verdict: 'contradicted', at: 4, peer: 'ben' } }),
    judged('another log ahead shows only once the entries are here', own(3), [said('ana', others(5))], { needed: 1, expect: { verdict: 'behind', to: others(5), holders: ['ana'] } }),
    judged('nothing to compare at a number that is kept no longer', own(5, 4), [said('ana', others(3))], { needed: 1, expect: { verdict: 'agreed' } }),
  ];
}
