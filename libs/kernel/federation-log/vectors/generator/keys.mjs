/** Logs whose keys change: rotations and recoveries, sound and not. */
import { createHash, sign } from 'node:crypto';
import { base64url, canonical, firstPayload, GENESIS, hashOf, headerOf, headOf, jwsOf, keyPair, kidOf, north, south } from './wire.mjs';

const RECOVERY_BYTES_MAX = 8192;
/** Node keys 1 to 4 by number; two recovery keys. */
const nodeKeys = [undefined, ...north.pairs, keyPair(13), keyPair(14)];
const [recoveryKey, otherRecoveryKey] = [keyPair(91), keyPair(92)];

const commitmentTo = ({ publicKey }) => createHash('sha256').update(publicKey).digest('base64url');
const signDocument = (domain, document, { privateKey }) => base64url(sign(null, Buffer.from(`${domain}\0${canonical(document)}`), privateKey));

/** Seeds by the names that the cases use for them. */
export const keySeeds = () => ({
  ...Object.fromEntries(nodeKeys.slice(1).map(({ seed }, at) => [kidOf(north, at + 1), base64url(seed)])),
  'recovery key': base64url(recoveryKey.seed), 'other recovery key': base64url(otherRecoveryKey.seed),
});

/** The entry after a log, under the key of a number; `pair` where another key signs. */
function next(log, { keyNo = 1, pair = nodeKeys[keyNo], ...change }) {
  const head = log.length === 0 ? { seq: 0, hash: GENESIS } : { seq: log.length, hash: hashOf(log.at(-1)) };
  const payload = firstPayload({ seq: head.seq + 1, prev: head.hash, sub: `offering-${head.seq + 1}`, ...change });
  return jwsOf(headerOf(kidOf(north, keyNo)), canonical(payload), pair.privateKey);
}

/** What is signed about a key: by itself (domain sep/node-key/v1) and, in a recovery, by the recovery key (sep/node-recovery/v1). */
const namedKey = (log, keyNo, change = {}) => ({
  node_id: north.id, key_no: keyNo, public_key: base64url(nodeKeys[keyNo].publicKey), seq: log.length + 1, prev: hashOf(log.at(-1)), ...change,
});

/** Body of a rotation; `signed` changes what the proof is for. */
const rotated = (log, keyNo, { commitment = commitmentTo(recoveryKey), signed = {}, pair = nodeKeys[keyNo] } = {}) => ({
  node_id: north.id, key_no: keyNo, public_key: base64url(nodeKeys[keyNo].publicKey), recovery_key_hash: commitment,
  proof: signDocument('sep/node-key/v1', namedKey(log, keyNo, signed), pair),
});

const recovered = (log, keyNo, { commitment = null, signed = {}, pair = recoveryKey } = {}) => ({
  ...rotated(log, keyNo, { commitment }), recovery_public_key: base64url(pair.publicKey),
  recovery_signature: signDocument('sep/node-recovery/v1', namedKey(log, keyNo, signed), pair),
});

const keyEntry = (type, body) => ({ topic: 'announce', type, sub: north.id, body });
const rotation = (log, keyNo, body, change = {}) => next(log, { keyNo: keyNo - 1, ...keyEntry('key.rotated', body), ...change });
const recovery = (log, keyNo, body, change = {}) => next(log, { keyNo, ...keyEntry('key.recovered', body), ...change });

const announcedWith = (commitment) => {
  const first = next([], keyEntry('node.announced', { node_id: north.id, recovery_key_hash: commitment }));
  return [first, next([first], {})];
};
/** A log of two entries that commits to the recovery key. */
const begun = announcedWith(commitmentTo(recoveryKey));
const rotatedLog = [...begun, rotation(begun, 2, rotated(begun, 2))];
const onRotated = [...rotatedLog, next(rotatedLog, { keyNo: 2 })];
const recoveredLog = [...begun, recovery(begun, 2, recovered(begun, 2, { commitment: commitmentTo(otherRecoveryKey) }))];
const onRecovered = [...recoveredLog, next(recoveredLog, { keyNo: 2 })];
const recommitted = [...begun, rotation(begun, 2, rotated(begun, 2, { commitment: commitmentTo(otherRecoveryKey) }))];

/** The same entry with a signature that does not hold. */
function unsigned(jws) {
  const [header, payload, signature] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[63] ^= 1;
  return [header, payload, bytes.toString('base64url')].join('.');
}

/** Keys given as [number, first entry it signs]. */
const schedule = (keys, commitment = commitmentTo(recoveryKey)) => ({
  keys: keys.map(([keyNo, fromSeq]) => ({ key_no: keyNo, public_key: base64url(nodeKeys[keyNo].publicKey), from_seq: fromSeq })), recovery_key_hash: commitment,
});
const FIRST = schedule([[1, 1]]);
const ROTATED = schedule([[1, 1], [2, 4]]);

const arriving = (name, stored, entries, expect) => ({ name, issuer: north.id, stored, entries, expect });
const accepted = (name, log, keys) => arriving(name, [], log, { accepted: log.length, head: headOf(log), ...keys });
/** Entries of which none is appended to the stored ones. */
const stopped = (name, stored, entries, [keys, why]) => arriving(name, stored, entries, { accepted: 0, head: headOf(stored), ...keys, stop: { index: 0, ...why } });

function soundChanges() {
  const twice = [...onRotated, rotation(onRotated, 3, rotated(onRotated, 3))];
  const unused = [...rotatedLog, recovery(rotatedLog, 3, recovered(rotatedLog, 3))];
  const again = [...onRecovered, recovery(onRecovered, 3, recovered(onRecovered, 3, { pair: otherRecoveryKey }))];
  const byNew = [...recommitted, recovery(recommitted, 3, recovered(recommitted, 3, { pair: otherRecoveryKey }))];
  const forgotten = [...begun, rotation(begun, 2, rotated(begun, 2, { commitment: null }))];
  const wordy = [...begun, rotation(begun, 2, { ...rotated(begun, 2), reason: 'yearly' })];
  const elsewhere = [...begun, next(begun, { topic: 'graph', type: 'key.rotated', body: rotated(begun, 2) })];
  const announcedAgain = [...begun, next(begun, keyEntry('node.announced', { recovery_key_hash: commitmentTo(otherRecoveryKey) }))];
  return [
    accepted('a log that commits to a recovery key', begun, FIRST),
    accepted('a log that commits to none', announcedWith(null), schedule([[1, 1]], null)),
    accepted('a commitment that is no hash is none', announcedWith('bread'), schedule([[1, 1]], null)),
    accepted('a rotation', onRotated, ROTATED),
    arriving('the entry after a stored rotation', rotatedLog, onRotated.slice(3), { accepted: 1, head: headOf(onRotated), ...ROTATED }),
    accepted('two rotations', [...twice, next(twice, { keyNo: 3 })], schedule([[1, 1], [2, 4], [3, 6]])),
    accepted('a rotation that commits to another recovery key', recommitted, schedule([[1, 1], [2, 4]], commitmentTo(otherRecoveryKey))),
    accepted('a rotation that commits to none', forgotten, schedule([[1, 1], [2, 4]], null)),
    accepted('a rotation with a further member', wordy, ROTATED),
    accepted('a recovery', onRecovered, schedule([[1, 1], [2, 3]], commitmentTo(otherRecoveryKey))),
    accepted('a recovery by the commitment of a recovery', [...again, next(again, { keyNo: 3 })], schedule([[1, 1], [2, 3], [3, 5]], null)),
    accepted('a recovery by the commitment of a rotation', byNew, schedule([[1, 1], [2, 4], [3, 4]], null)),
    accepted('a recovery of a key that never signed', unused, schedule([[1, 1], [2, 4], [3, 4]], null)),
    accepted('a rotation under another topic changes nothing', elsewhere, FIRST),
    accepted('a later announcement commits to nothing', announcedAgain, FIRST),
  ];
}

function badRotations() {
  const body = rotated(begun, 2);
  const proofFor = (signed) => rotated(begun, 2, { signed });
  const bad = [
    ['no proof', { ...body, proof: undefined }],
    ['the proof of another key', rotated(begun, 2, { pair: nodeKeys[3] })],
    ['a proof for another purpose', { ...body, proof: signDocument('sep/node-recovery/v1', namedKey(begun, 2), nodeKeys[2]) }],
    ['a proof for another seq', proofFor({ seq: 4 })],
    ['a proof for another prev', proofFor({ prev: hashOf(begun[0]) })],
    ['a proof for another node', proofFor({ node_id: south.id })],
    ['a proof for another number', proofFor({ key_no: 3 })],
    ['a key for another node', { ...proofFor({ node_id: south.id }), node_id: south.id }],
    ['a key number left out', rotated(begun, 3)],
    ['a key number as text', { ...body, key_no: '2' }],
    ['a key of small order', { ...body, public_key: base64url(Buffer.from([1, ...Buffer.alloc(31)])) }],
    ['a key of 31 bytes', { ...body, public_key: base64url(Buffer.alloc(31, 9)) }],
    ['no commitment, not even null', { ...body, recovery_key_hash: undefined }],
    ['a commitment that is no hash', { ...body, recovery_key_hash: 'bread' }],
  ].map(([name, content]) => [name, begun, rotation(begun, 2, content), FIRST]);
  const sameKey = { public_key: base64url(nodeKeys[1].publicKey) };
  const reused = { ...rotated(begun, 2, { signed: sameKey, pair: nodeKeys[1] }), ...sameKey };
  return [
    ...bad,
    ['the key that signs', begun, rotation(begun, 2, reused), FIRST],
    ['the rotation of another place', onRotated, next(onRotated, { keyNo: 2, ...keyEntry('key.rotated', body) }), ROTATED],
  ].map(([name, stored, jws, keys]) => stopped(`a rotation with ${name}`, stored, [jws], [keys, { refused: 'entry.bad_rotation' }]));
}

function badRecoveries() {
  const body = recovered(begun, 2);
  const bare = announcedWith(null);
  const padded = (pad) => recovery(begun, 2, { ...body, pad: 'x'.repeat(pad) });
  const spare = Math.floor(((RECOVERY_BYTES_MAX - padded(0).length) * 3) / 4);
  const tooLarge = padded(Array.from({ length: 8 }, (_, more) => spare + more).find((pad) => padded(pad).length > RECOVERY_BYTES_MAX));
  const unknown = { refused: 'entry.unknown_key' };
  const bad = [
    ['a recovery key that was not committed to', recovered(begun, 2, { pair: otherRecoveryKey })],
    ['no recovery signature', { ...body, recovery_signature: undefined }],
    ['a recovery signature for another key', recovered(begun, 2, { signed: { public_key: base64url(nodeKeys[3].publicKey) } })],
    ['a recovery signature for another seq', recovered(begun, 2, { signed: { seq: 4 } })],
    ['a recovery signature for another prev', recovered(begun, 2, { signed: { prev: hashOf(begun[0]) } })],
    ['no proof of the new key', { ...body, proof: undefined }],
    ['a key for another node', { ...body, node_id: south.id }],
    ['no commitment, not even null', { ...body, recovery_key_hash: undefined }],
  ].map(([name, content]) => stopped(`a recovery with ${name}`, begun, [recovery(begun, 2, content)], [FIRST, unknown]));
  return [
    ...bad,
    stopped('a recovery of more than 8,192 bytes', begun, [tooLarge], [FIRST, unknown]),
    stopped('a recovery in a log that commits to none', bare, [recovery(bare, 2, recovered(bare, 2))], [schedule([[1, 1]], null), unknown]),
    stopped('a recovery by a commitment that a rotation has replaced', recommitted, [recovery(recommitted, 3, recovered(recommitted, 3))],
      [schedule([[1, 1], [2, 4]], commitmentTo(otherRecoveryKey)), unknown]),
    stopped('a recovery signed by a key that it does not name', begun, [recovery(begun, 2, body, { pair: nodeKeys[3] })], [FIRST, { refused: 'entry.bad_signature' }]),
    stopped('a recovery under the key that signed so far', begun, [recovery(begun, 2, body, { keyNo: 1 })], [FIRST, { refused: 'entry.bad_rotation' }]),
  ];
}

function verdictsAcross() {
  const oldAfter = next(rotatedLog, { keyNo: 1 });
  const newBefore = next(begun, { keyNo: 2 });
  const forkOfOld = next(begun.slice(0, 1), { body: { title: 'cake' } });
  const forkOfNew = next(rotatedLog, { keyNo: 2, body: { title: 'cake' } });
  const thieves = [...begun, next(begun, {}), next([...begun, next(begun, {})], {})];
  const theirs = recovery(begun, 2, recovered(begun, 2));
  const bareWord = unsigned(rotatedLog[2]);
  const coverOfOld = next([...begun, bareWord], { keyNo: 1 });
  const coverOfNew = next([...begun, bareWord], { keyNo: 2 });
  const badOne = rotation(begun, 2, { ...rotated(begun, 2), proof: undefined });
  const split = (at, ours, other) => ({ verdict: 'equivocation', at, ours: hashOf(ours), theirs: hashOf(other) });
  const stale = recovery(begun.slice(0, 1), 3, recovered(begun.slice(0, 1), 3));
  return [
    arriving('the old key behind a rotation in one batch', [], [...rotatedLog, oldAfter], {
      accepted: 3, head: headOf(rotatedLog), ...ROTATED, stop: { index: 3, refused: 'entry.retired_key' },
    }),
    arriving('a batch that stops behind a rotation', begun, [...onRotated.slice(2), unsigned(next(onRotated, { keyNo: 2 }))], {
      accepted: 2, head: headOf(onRotated), ...ROTATED, stop: { index: 2, refused: 'entry.bad_signature' },
    }),
    stopped('a recovery in a place before the last change of keys', rotatedLog, [stale], [ROTATED, { refused: 'entry.unknown_key' }]),
    stopped('the old key after a rotation', rotatedLog, [oldAfter], [ROTATED, { refused: 'entry.retired_key' }]),
    stopped('the new key before its rotation is known', begun, [newBefore], [FIRST, { refused: 'entry.unknown_key' }]),
    stopped('the new key at a place of the old one', onRotated, [newBefore], [ROTATED, { refused: 'entry.retired_key' }]),
    arriving('entries of both keys again', onRotated, onRotated, { accepted: 0, head: headOf(onRotated), ...ROTATED }),
    stopped('two words of the old key about its own stretch', onRotated, [forkOfOld], [ROTATED, split(2, begun[1], forkOfOld)]),
    stopped('two words of the new key', onRotated, [forkOfNew], [ROTATED, split(4, onRotated[3], forkOfNew)]),
    stopped('an entry whose rotation was left out', begun, onRotated.slice(3), [FIRST, { refused: 'entry.unknown_key' }]),
    stopped('a recovery ahead of what is stored', begun.slice(0, 1), onRecovered.slice(2), [FIRST, { verdict: 'gap', from: 2, to: 2 }]),
    stopped('a recovery where the lost key has gone on', thieves, [theirs], [FIRST, split(3, thieves[2], theirs)]),
    stopped('a rotation that only the old key covers', begun, [bareWord, coverOfOld], [FIRST, { refused: 'entry.bad_signature' }]),
    stopped('a rotation that only the new key covers', begun, [bareWord, coverOfNew], [FIRST, { refused: 'entry.bad_signature' }]),
    stopped('an entry after a rotation that does not hold', begun, [next([...begun, badOne], {})], [FIRST, { verdict: 'gap', from: 3, to: 3 }]),
  ];
}

export const keySchedules = () => [...soundChanges(), ...badRotations(), ...badRecoveries(), ...verdictsAcross()];
