/** Cases of checkpoints and snapshots. The rules are stated here once more, one entry against every other. */
import { createHash, sign } from 'node:crypto';
import { base64url, canonical, chain, firstPayload, hashOf, keysOf, kidOf, north, sealed, south } from './wire.mjs';

const NOW = 1_750_000_000_000;
const keys = keysOf(kidOf(north));

const payloadOf = (jws) => JSON.parse(Buffer.from(jws.split('.')[1], 'base64url').toString());
const isCheckpoint = ({ topic, type }) => topic === 'announce' && type === 'log.checkpoint';

/** Sequence numbers of the live entries of a log. */
function liveOf(log, ts) {
  const entries = log.map(payloadOf);
  const now = Math.max(ts, ...entries.filter(isCheckpoint).map((entry) => entry.ts));
  const isDead = (entry) => {
    if (isCheckpoint(entry)) return entries.some((other) => isCheckpoint(other) && (other.ts > entry.ts || (other.ts === entry.ts && other.seq > entry.seq)));
    if (entry.topic !== 'graph') return false;
    const later = entries.filter(({ seq, topic, sub }) => seq > entry.seq && topic === 'graph' && sub === entry.sub);
    return later.some(({ type }) => type === entry.type || type.endsWith('.withdrawn')) || (entry.exp !== undefined && entry.exp < now);
  };
  return entries.filter((entry) => !isDead(entry)).map(({ seq }) => seq);
}

const bodyOver = (entries) => ({ live_count: entries.length, live_hash: createHash('sha256').update(entries.map((jws) => `${hashOf(jws)}\n`).join('')).digest('base64url') });

/** The checkpoint entry behind a log that covers these entries. */
const checkpointOver = (log, entries, { kid, ...change } = {}) =>
  chain([{ kid, topic: 'announce', type: 'log.checkpoint', sub: north.id, ts: NOW, body: bodyOver(entries), ...change }], { seq: log.length, hash: hashOf(log.at(-1)) })[0];

const pick = (log, seqs) => seqs.map((seq) => log[seq - 1]);
const opens = (checkpoint, keyChanges = [[1, 1]]) => ({ head: [payloadOf(checkpoint).seq, hashOf(checkpoint)], keys: keyChanges });

const published = (sub, change) => ({ type: 'listing.published', sub, ...change });
const reserved = (sub, change) => ({ type: 'listing.reserved', sub, ...change });
const withdrawn = (sub, change) => ({ type: 'listing.withdrawn', sub, ...change });
const chainEntry = (sub, change) => ({ topic: 'chains', type: 'chain.proposed', sub, ...change });
const marker = (ts) => ({ topic: 'announce', type: 'log.checkpoint', sub: north.id, ts, body: {} });

/** The same entry with a signature that does not hold. */
function unsigned(jws) {
  const [header, payload, signature] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[63] ^= 1;
  return [header, payload, bytes.toString('base64url')].join('.');
}

/** A true checkpoint with the live entries it covers. */
function whole(name, changes, live, ts = NOW) {
  const log = chain(changes);
  const found = liveOf(log, ts);
  if (JSON.stringify(found) !== JSON.stringify(live)) throw new Error(`${name}: the rules leave ${found}`);
  const checkpoint = checkpointOver(log, pick(log, live), { ts });
  return { name, keys, log, checkpoint, entries: pick(log, live), expect: { holder: { live }, receiver: opens(checkpoint) } };
}

function rules() {
  return [
    whole('a log in which nothing is dead', [published('bread'), published('flour'), chainEntry('ring')], [1, 2, 3]),
    whole('a later entry of the same type about the same replaces', [published('bread'), published('flour'), published('bread')], [2, 3]),
    whole('entries of two types about the same stand beside each other', [published('bread'), reserved('bread'), reserved('bread')], [1, 3]),
    whole('a withdrawal alone is left of what it withdraws', [published('bread'), reserved('bread'), published('flour'), withdrawn('bread')], [3, 4]),
    whole('a withdrawal of another type withdraws as well', [published('bread'), { type: 'need.withdrawn', sub: 'bread' }], [2]),
    whole('a type that goes on behind withdrawn withdraws nothing', [published('bread'), { type: 'listing.withdrawn.twice', sub: 'bread' }], [1, 2]),
    whole('what is said after a withdrawal stands beside it', [published('bread'), withdrawn('bread'), published('bread')], [2, 3]),
    whole('an entry is live up to its last millisecond', [published('bread', { exp: NOW }), published('flour', { exp: NOW - 1 })], [1]),
    whole('a withdrawal that has expired leaves nothing', [published('bread'), withdrawn('bread', { exp: NOW - 1 }), published('flour')], [3]),
    whole('an entry that has expired has replaced all the same', [published('bread'), published('bread', { exp: NOW - 1 }), published('flour')], [3]),
    whole('nothing is live', [published('bread', { exp: NOW - 1 })], []),
    whole('entries of other topics are kept, whatever they say, unknown ones too', [
      chainEntry('ring'), chainEntry('ring'), chainEntry('ring', { type: 'chain.withdrawn' }), chainEntry('ring', { exp: NOW - 1 }),
      { topic: 'weather', type: 'x', sub: 'ring' }, { topic: 'weather', type: 'x', sub: 'ring' }, { topic: 'announce', type: 'node.announced', sub: 'ring' }, { topic: 'announce', type: 'node.announced', sub: 'ring' },
    ], [1, 2, 3, 4, 5, 6, 7, 8]),
    whole('of the checkpoints before it the last one', [published('bread'), marker(NOW - 2), marker(NOW - 1), published('flour')], [1, 3, 4]),
    whole('of the checkpoints before it the last one of those with one time', [marker(NOW - 1), published('bread'), marker(NOW - 1)], [2, 3]),
    whole('after a clock was put back, the latest checkpoint by its time', [marker(NOW + 5), published('bread', { exp: NOW + 4 }), published('flour', { exp: NOW + 5 }), marker(NOW - 1)], [1, 3]),
    whole('an entry of the type of a checkpoint on another topic is none', [{ type: 'log.checkpoint', sub: 'bread', ts: NOW + 5 }, published('flour', { exp: NOW })], [1, 2]),
  ];
}

function lies() {
  const log = chain([chainEntry('ring'), published('bread'), published('flour'), published('bread'), { topic: 'clearing', type: 'obligation.recorded' }]);
  const covered = (name, entries, receiver) => {
    const checkpoint = checkpointOver(log, entries);
    return { name, keys, log, checkpoint, entries, expect: { holder: { refused: 'checkpoint.wrong_digest' }, receiver: receiver ?? opens(checkpoint) } };
  };
  const [other] = chain([published('oil')], { seq: 4, hash: hashOf(log[2]) });
  const bound = unsigned(log[0]);
  const after = chain([published('bread')], { seq: 1, hash: hashOf(bound) });
  const overBound = checkpointOver([bound, ...after], [bound, ...after]);
  const live = pick(log, [1, 3, 4, 5]);
  const miscounting = checkpointOver(log, live, { body: { ...bodyOver(live), live_count: 3 } });
  const refused = { refused: 'checkpoint.wrong_digest' };
  return [
    { name: 'the issuer counts wrongly', keys, log, checkpoint: miscounting, entries: live, expect: { holder: refused, receiver: refused } },
    covered('the issuer leaves out what is not state: only holders can see it', pick(log, [1, 3, 4])),
    covered('the issuer leaves out what is state: only holders can see it', pick(log, [1, 3, 5])),
    covered('the issuer covers what another covered entry replaces', log, { refused: 'checkpoint.dead_entry', index: 1 }),
    covered('the issuer covers entries out of order', pick(log, [1, 4, 3, 5]), { refused: 'checkpoint.broken_order', index: 2 }),
    covered('the issuer covers one entry twice', pick(log, [1, 1, 3, 4, 5]), { refused: 'checkpoint.broken_order', index: 1 }),
    covered('the issuer covers an entry that does not follow the one before', [log[0], log[2], log[3], other], { refused: 'checkpoint.broken_order', index: 3 }),
    covered('the issuer covers another last entry than the checkpoint follows', [log[0], log[2], other], { refused: 'checkpoint.broken_order' }),
    covered('the issuer covers entries of another node', [sealed(firstPayload({ iss: south.id, topic: 'chains' }), kidOf(south))], { refused: 'entry.wrong_issuer', index: 0 }),
    covered('the issuer covers what is no entry', ['x', log[2]], { refused: 'entry.malformed', index: 0 }),
    { name: 'an entry whose own signature does not hold is the issuer\'s where its checkpoint covers it', keys, log: [bound, ...after], checkpoint: overBound, entries: [bound, ...after],
      expect: { holder: { live: [1, 2] }, receiver: opens(overBound) } },
  ];
}

function carriers() {
  const log = chain([chainEntry('ring'), published('bread'), published('flour'), published('bread')]);
  const live = pick(log, [1, 3, 4]);
  const checkpoint = checkpointOver(log, live);
  const carried = (name, entries, code = 'checkpoint.wrong_digest', change = {}) =>
    ({ name, keys, log, checkpoint, entries, expect: { holder: { live: [1, 3, 4] }, receiver: { refused: code } }, ...change });
  const unusable = (name, text, code) => ({ name, keys, checkpoint: text, entries: live, expect: { receiver: { refused: code } } });
  return [
    carried('a carrier leaves out an entry', live.slice(1)),
    carried('a carrier adds a dead entry', log),
    carried('a carrier adds an entry behind the checkpoint', [...live, ...chain([published('oil')], { seq: 5, hash: hashOf(checkpoint) })]),
    carried('a carrier repeats an entry', [...live, live[2]]),
    carried('a carrier puts an entry in the place of another', [live[0], log[1], live[2]]),
    carried('a carrier changes the order', [live[0], live[2], live[1]]),
    carried('a carrier alters a signature', [live[0], unsigned(live[1]), live[2]]),
    carried('a carrier delivers nothing', []),
    carried('a receiver of another network', live, 'entry.wrong_network', { net: 'other-network' }),
    unusable('a checkpoint with a signature that does not hold', unsigned(checkpoint), 'entry.bad_signature'),
    unusable('a checkpoint of another network', checkpointOver(log, live, { net: 'other-network' }), 'entry.wrong_network'),
    unusable('a checkpoint about another node', checkpointOver(log, live, { sub: south.id }), 'checkpoint.malformed'),
    unusable('a checkpoint without a count', checkpointOver(log, live, { body: { live_hash: bodyOver(live).live_hash } }), 'checkpoint.malformed'),
    unusable('a checkpoint that counts more entries than there are', checkpointOver(log, live, { body: { ...bodyOver(live), live_count: 5 } }), 'checkpoint.malformed'),
    unusable('a checkpoint with a digest that is none', checkpointOver(log, live, { body: { ...bodyOver(live), live_hash: 'none' } }), 'checkpoint.malformed'),
    unusable('an entry of another type', checkpointOver(log, live, { type: 'node.announced' }), 'checkpoint.malformed'),
    unusable('an entry of another topic', checkpointOver(log, live, { topic: 'graph' }), 'entry.wrong_topic'),
    unusable('the first entry of a log', sealed(firstPayload({ topic: 'announce', type: 'log.checkpoint', sub: north.id, body: bodyOver([]) })), 'checkpoint.malformed'),
    unusable('a checkpoint of another node', sealed(firstPayload({ iss: south.id, topic: 'announce', type: 'log.checkpoint', sub: south.id, seq: 5, prev: hashOf(log[3]), body: bodyOver(live) }), kidOf(south)), 'entry.unknown_key'),
    unusable('nothing in place of the checkpoint', '', 'entry.malformed'),
  ];
}

/** The entry that gives north its second key, behind a log. */
function rotation(log) {
  const named = { node_id: north.id, key_no: 2, public_key: base64url(north.pairs[1].publicKey), seq: log.length + 1, prev: hashOf(log.at(-1)) };
  const proof = base64url(sign(null, Buffer.from(`sep/node-key/v1\0${canonical(named)}`), north.pairs[1].privateKey));
  const { node_id, key_no, public_key } = named;
  return chain([{ topic: 'announce', type: 'key.rotated', sub: north.id, body: { node_id, key_no, public_key, recovery_key_hash: null, proof } }], { seq: log.length, hash: named.prev })[0];
}

function rotated() {
  const before = chain([{ topic: 'announce', type: 'node.announced', sub: north.id }, published('bread')]);
  const change = rotation(before);
  const kid = kidOf(north, 2);
  const log = [...before, change, ...chain([{ kid, ...published('bread') }], { seq: 3, hash: hashOf(change) })];
  const live = [1, 3, 4];
  const entries = pick(log, live);
  const both = keysOf(kidOf(north), kid);
  const schedule = [[1, 1], [2, 4]];
  const checkpoint = checkpointOver(log, entries, { kid });
  const stolen = [...before, ...chain([published('salt')], { seq: 2, hash: hashOf(before[1]) })];
  const byThief = checkpointOver(stolen, stolen);
  const late = checkpointOver(log, entries);
  const without = checkpointOver(log, pick(log, [1, 4]), { kid });
  const holder = { live };
  const refused = { refused: 'checkpoint.wrong_digest' };
  return [
    { name: 'a receiver that knows the first key follows a rotation', keys, log, checkpoint, entries, expect: { holder, receiver: opens(checkpoint, schedule) } },
    { name: 'a receiver that knows both keys', keys: both, known: [1, 4], log, checkpoint, entries, expect: { holder, receiver: opens(checkpoint, schedule) } },
    { name: 'a checkpoint by a retired key', keys, log, checkpoint: late, entries, expect: { holder, receiver: { refused: 'entry.retired_key' } } },
    { name: 'a checkpoint without the rotation, to a receiver that does not know the second key', keys, log, checkpoint: without, entries: pick(log, [1, 4]), expect: { holder: refused, receiver: { refused: 'entry.unknown_key' } } },
    { name: 'a checkpoint without the rotation, to a receiver that knows it', keys: both, known: [1, 4], log, checkpoint: without, entries: pick(log, [1, 4]), expect: { holder: refused, receiver: { refused: 'checkpoint.other_keys' } } },
    { name: 'another log by the retired key, to a receiver that knows the rotation', keys: both, known: [1, 4], log: stolen, checkpoint: byThief, entries: stolen, expect: { holder: { live: [1, 2, 3] }, receiver: { refused: 'checkpoint.other_keys' } } },
    { name: 'another log by the retired key, to a receiver that cannot know', keys, log: stolen, checkpoint: byThief, entries: stolen, expect: { holder: { live: [1, 2, 3] }, receiver: opens(byThief) } },
  ];
}

export const checkpoints = () => [...rules(), ...lies(), ...carriers(), ...rotated()];
