/** Logs: verdicts on arriving entries, batches, head vectors, proofs. */
import { chain, firstPayload, hashOf, headOf, keysOf, kidOf, NETWORK, north, sealed, south } from './wire.mjs';

const keys = keysOf(kidOf(north), kidOf(north, 2));
const log = chain([{}, {}, {}, {}, {}, {}]);
const fork = chain([{ body: { title: 'cake' } }, {}, {}], { seq: 2, hash: hashOf(log[1]) });

/** The same entry with a signature that does not hold. */
function unsigned(jws) {
  const [header, payload, signature] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[63] ^= 1;
  return [header, payload, bytes.toString('base64url')].join('.');
}

export function verdicts() {
  const judged = (name, stored, arriving, expect) => ({ name, keys, stored, entries: [arriving], expect });
  return [
    judged('the first entry of an empty log', [], log[0], { verdict: 'append', head: headOf(log.slice(0, 1)) }),
    judged('the next entry', log.slice(0, 2), log[2], { verdict: 'append', head: headOf(log.slice(0, 3)) }),
    judged('the head again', log.slice(0, 3), log[2], { verdict: 'known' }),
    judged('an older entry again', log.slice(0, 3), log[0], { verdict: 'known' }),
    judged('an entry ahead', log.slice(0, 2), log[5], { verdict: 'gap', from: 3, to: 5 }),
    judged('an entry ahead of an empty log', [], log[1], { verdict: 'gap', from: 1, to: 1 }),
    judged('other bytes at the head', log.slice(0, 3), fork[0], { verdict: 'equivocation', at: 3, ours: hashOf(log[2]), theirs: hashOf(fork[0]) }),
    judged('other bytes below the head, the shorter fork', log, fork[0], { verdict: 'equivocation', at: 3, ours: hashOf(log[2]), theirs: hashOf(fork[0]) }),
    judged('the next number after another previous entry', log.slice(0, 3), fork[1], { verdict: 'equivocation', at: 3, ours: hashOf(log[2]), theirs: hashOf(fork[0]) }),
    judged('a second first entry', log.slice(0, 1), sealed(firstPayload({ ts: 0 })), {
      verdict: 'equivocation', at: 1, ours: hashOf(log[0]), theirs: hashOf(sealed(firstPayload({ ts: 0 }))),
    }),
    judged('the same payload under another key', log.slice(0, 1), sealed(firstPayload(), kidOf(north, 2)), {
      verdict: 'equivocation', at: 1, ours: hashOf(log[0]), theirs: hashOf(sealed(firstPayload(), kidOf(north, 2))),
    }),
    { ...judged('an entry below what is kept', log.slice(3), log[1], { verdict: 'pruned' }), storedFrom: 4 },
  ];
}

export function batches() {
  const altered = [log[0], unsigned(log[1]), log[2]];
  const covered = unsigned(log[1]);
  const overCovered = [log[0], covered, ...chain([{}], { seq: 2, hash: hashOf(covered) })];
  const rotated = chain([{}, {}, { kid: kidOf(north, 2) }]);
  const back = chain([{}, { kid: kidOf(north, 2) }, {}]);
  const skipping = [...log.slice(0, 2), ...chain([{ seq: 4 }], { seq: 2, hash: hashOf(log[1]) })];
  const batch = (name, stored, entries, expect) => ({ name, keys, stored, entries, expect });
  const whole = (count) => ({ accepted: count, head: headOf(log.slice(0, count)) });
  const stopped = (count, index, why) => ({ ...whole(count), stop: { index, ...why } });
  return [
    batch('a whole log', [], log, { accepted: 6, head: headOf(log) }),
    batch('the rest of a log', log.slice(0, 2), log.slice(2), { accepted: 4, head: headOf(log) }),
    batch('a batch that overlaps what is stored', log.slice(0, 3), log.slice(1), { accepted: 3, head: headOf(log) }),
    batch('nothing', log.slice(0, 3), [], { accepted: 0, head: headOf(log.slice(0, 3)) }),
    batch('an entry twice', [], [log[0], log[1], log[1], log[2]], { accepted: 3, head: headOf(log.slice(0, 3)) }),
    batch('a change of keys on the way', [], rotated, { accepted: 3, head: headOf(rotated) }),
    { ...batch('a key not yet known on the way', [], rotated, { accepted: 2, head: headOf(rotated.slice(0, 2)), stop: { index: 2, refused: 'entry.unknown_key' } }), keys: keysOf(kidOf(north)) },
    { ...batch('a key not yet known in the middle', [], back, { accepted: 1, head: headOf(back.slice(0, 1)), stop: { index: 1, refused: 'entry.unknown_key' } }), keys: keysOf(kidOf(north)) },
    batch('an issuer that skips a number', [], skipping, stopped(2, 2, { verdict: 'gap', from: 3, to: 3 })),
    batch('other bytes for an entry of the same batch', [], [...log.slice(0, 4), fork[0]], stopped(4, 4, { verdict: 'equivocation', at: 3, ours: hashOf(log[2]), theirs: hashOf(fork[0]) })),
    batch('a signature altered by a carrier in the middle', [], altered, stopped(1, 1, { refused: 'entry.bad_signature' })),
    batch('a signature altered by a carrier at the end', [], altered.slice(0, 2), stopped(1, 1, { refused: 'entry.bad_signature' })),
    batch('an entry left out', [], [log[0], log[2], log[3]], stopped(1, 1, { verdict: 'gap', from: 2, to: 2 })),
    batch('entries in another order', [], [log[0], log[2], log[1]], stopped(1, 1, { verdict: 'gap', from: 2, to: 2 })),
    batch('a fork on the way', [], [...log.slice(0, 3), fork[1]], stopped(3, 3, { verdict: 'equivocation', at: 3, ours: hashOf(log[2]), theirs: hashOf(fork[0]) })),
    batch('a sound chain that forks from what is stored', log.slice(0, 3), fork, {
      accepted: 0, head: headOf(log.slice(0, 3)), stop: { index: 0, verdict: 'equivocation', at: 3, ours: hashOf(log[2]), theirs: hashOf(fork[0]) },
    }),
    { ...batch('an issuer that signs over a bad signature of its own is bound by it', [], overCovered, { accepted: 3, head: headOf(overCovered) }),
      coveredOnly: [2], expectEach: { accepted: 1, head: headOf(log.slice(0, 1)), stop: { index: 1, refused: 'entry.bad_signature' } } },
  ];
}

export function heads() {
  const [h2, h3, f3] = [hashOf(log[1]), hashOf(log[2]), hashOf(fork[0])];
  const none = { behind: [], ahead: [], split: [] };
  const compared = (name, ours, theirs, expect) => ({ name, ours, theirs, hashes: {}, expect: { ...none, ...expect } });
  return [
    compared('the same heads', { [north.id]: [3, h3] }, { [north.id]: [3, h3] }, {}),
    compared('they are further', { [north.id]: [2, h2] }, { [north.id]: [3, h3] }, { behind: [{ issuer: north.id, from: 3, to: 3 }] }),
    { ...compared('we are further', { [north.id]: [3, h3] }, { [north.id]: [2, h2] }, { ahead: [{ issuer: north.id, from: 3, to: 3 }] }), hashes: { [`${north.id}:2`]: h2 } },
    compared('an issuer we do not hold', {}, { [south.id]: [4, h2] }, { behind: [{ issuer: south.id, from: 1, to: 4 }] }),
    compared('an issuer they do not hold', { [south.id]: [4, h2] }, {}, { ahead: [{ issuer: south.id, from: 1, to: 4 }] }),
    compared('two logs of one length', { [north.id]: [3, h3] }, { [north.id]: [3, f3] }, { split: [{ issuer: north.id, at: 3, ours: h3, theirs: f3 }] }),
    { ...compared('a shorter log that is another log', { [north.id]: [4, hashOf(log[3])] }, { [north.id]: [3, f3] }, {
      split: [{ issuer: north.id, at: 3, ours: h3, theirs: f3 }],
    }), hashes: { [`${north.id}:3`]: h3 } },
    compared('a shorter log where we keep nothing to compare', { [north.id]: [4, hashOf(log[3])] }, { [north.id]: [3, f3] }, {
      ahead: [{ issuer: north.id, from: 4, to: 4 }],
    }),
  ];
}

export function proofs() {
  const proof = (left, right, change = {}) => ({ v: 1, net: NETWORK, iss: north.id, left, right, ...change });
  const shows = (name, shown, at, hashes) => ({ name, keys, proof: shown, expect: { iss: north.id, at, hashes } });
  const fails = (name, shown, code) => ({ name, keys, proof: shown, expect: { refused: code } });
  const [h3, f3] = [hashOf(log[2]), hashOf(fork[0])];
  const covered = unsigned(fork[0]);
  const overCovered = [covered, ...chain([{}], { seq: 3, hash: hashOf(covered) })];
  const southern = sealed(firstPayload({ iss: south.id }), kidOf(south));
  return [
    shows('two entries of one number', proof([log[2]], [fork[0]]), 3, [h3, f3]),
    shows('an entry and a next one that follows another', proof([log[2]], [fork[1]]), 3, [h3, f3]),
    shows('two entries of one number that follow different ones', proof([log[3]], [fork[1]]), 3, [h3, f3]),
    shows('two runs', proof(log.slice(0, 5), fork), 3, [h3, f3]),
    shows('a run whose first entry is covered by its second', proof([log[2]], overCovered), 3, [h3, hashOf(covered)]),
    fails('one entry twice', proof([log[2]], [log[2]]), 'proof.no_contradiction'),
    fails('an entry and the next one', proof([log[2]], [log[3]]), 'proof.no_contradiction'),
    fails('entries too far apart to meet', proof([log[1]], [fork[2]]), 'proof.no_contradiction'),
    fails('a signature that does not hold', proof([log[2]], [covered]), 'proof.unsigned_branch'),
    fails('a run with an entry left out', proof([log[2]], [fork[0], fork[2]]), 'proof.unsigned_branch'),
    fails('a run that skips a number', proof([log[2]], [fork[0], ...chain([{ seq: 5 }], { seq: 3, hash: f3 })]), 'proof.unsigned_branch'),
    fails('an entry of another issuer', proof([log[0]], [southern]), 'proof.unsigned_branch'),
    fails('another network', proof([log[2]], [fork[0]], { net: 'other-network' }), 'proof.wrong_network'),
    fails('an empty branch', proof([log[2]], []), 'proof.malformed'),
    fails('a further member', proof([log[2]], [fork[0]], { at: 3 }), 'proof.malformed'),
    fails('another version', proof([log[2]], [fork[0]], { v: 2 }), 'proof.malformed'),
    fails('no proof at all', null, 'proof.malformed'),
  ];
}
