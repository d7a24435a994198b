import { describe, expect, it } from '@jest/globals';
import { portableEd25519, type Ed25519 } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { altered, draft, NETWORK, north, opened, south } from '../example-log.js';
import { hashEntry, kidOf, type Head } from '../entry/entry.js';
import { sealBatch, type EntryDraft, type Sealer } from '../entry/seal-entry.js';
import { commitmentTo, recoveryBody, rotationBody } from '../keys/key-change.js';
import { firstSchedule, type KeySchedule } from '../keys/key-schedule.js';
import { scheduleAfter } from '../keys/schedule-after.js';
import { checkpointDraft, confirmCheckpoint, digestOf, readCheckpoint, SNAPSHOT_ENTRIES_MAX } from './checkpoint.js';
import { PICK_MAX, sealedBehind, sealedBy, sealedOf, START_MS, toyEd25519, toyOpened } from './example-items.js';
import { itemOf, type LogItem } from './log-item.js';
import { openSnapshot, type Snapshot, type SnapshotIssuer } from './open-snapshot.js';

const NOW = START_MS + 4;
const picks = fc.nat({ max: PICK_MAX });
const logs = fc.array(picks, { minLength: 1, maxLength: 10 }).map(sealedOf);
const known: SnapshotIssuer = { net: NETWORK, issuer: north.id, schedule: firstSchedule(north.id)! };
const itemsIn = (log: readonly string[]): LogItem[] => log.map((jws) => itemOf(toyOpened(jws)));
const namesOf = (entries: readonly string[]) => ({ ...digestOf(entries.map((jws) => ({ hash: hashEntry(jws) }))) });
/** A true checkpoint, or one that covers what the issuer says. */
const checkpointBehind = (log: readonly string[], covered?: readonly string[]): string =>
  sealedBehind(log, { ...checkpointDraft(north.id, itemsIn(log), { ts: NOW })!, ...(covered !== undefined && { body: namesOf(covered) }) })[0]!;
const open = (snapshot: Snapshot, change: Partial<SnapshotIssuer> = {}) => openSnapshot(toyEd25519, snapshot, { ...known, ...change });

/** What a holder of the whole log hands out. */
function snapshotOf(log: readonly string[]): Snapshot {
  const checkpoint = checkpointBehind(log);
  const live = confirmCheckpoint(readCheckpoint(toyOpened(checkpoint))!, itemsIn(log)) as LogItem[];
  return { checkpoint, entries: live.map(({ seq }) => log[seq - 1]!) };
}

/** A snapshot of what the issuer says is live, true or not. */
const claimed = (log: readonly string[], entries: readonly string[]): Snapshot => ({ checkpoint: checkpointBehind(log, entries), entries });

function counting(ed25519: Ed25519): { readonly ed25519: Ed25519; readonly count: () => number } {
  let verified = 0;
  return { ed25519: { ...ed25519, verify: (...all) => { verified += 1; return ed25519.verify(...all); } }, count: () => verified };
}

describe('a snapshot', () => {
  it('opens to the live entries of the log, and the log goes on behind its checkpoint', () => {
    fc.assert(fc.property(logs, (log) => {
      const snapshot = snapshotOf(log);
      const found = open(snapshot);
      expect(found).toMatchObject({ checkpointEntry: { jws: snapshot.checkpoint }, checkpoint: { seq: log.length + 1, hash: hashEntry(snapshot.checkpoint) }, schedule: known.schedule });
      expect('entries' in found && found.entries.map(({ jws }) => jws)).toEqual(snapshot.entries);
    }), { numRuns: 100 });
  });

  it('costs one signature verification, and those who open it by real signatures find the same', () => {
    const log = sealBatch(portableEd25519, north, undefined, Array.from({ length: 5 }, (_, index) => draft({ sub: `offering-${index}` }))).entries.map(({ jws }) => jws);
    const sealed = sealBatch(portableEd25519, north, { seq: 5, hash: hashEntry(log[4]!) }, [checkpointDraft(north.id, log.map((jws) => itemOf(opened(jws))), { ts: NOW })!]);
    const { ed25519, count } = counting(portableEd25519);
    expect(openSnapshot(ed25519, { checkpoint: sealed.entries[0]!.jws, entries: log }, known)).toMatchObject({ entries: log.map((jws) => ({ jws, isSignatureVerified: false })) });
    expect(count()).toBe(1);
  });

  it('is refused where a carrier has left out, added, repeated, exchanged or altered anything', () => {
    const step = fc.record({ kind: fc.constantFrom('drop', 'repeat', 'swap', 'insert', 'alter'), at: fc.nat(), place: fc.nat(), letter: fc.constantFrom('A', 'b', '.', '_', 'é'), foreign: picks });
    fc.assert(fc.property(logs, fc.array(step, { minLength: 1, maxLength: 3 }), (log, steps) => {
      const snapshot = snapshotOf(log);
      const entries = steps.reduce<readonly string[]>((list, { kind, at, place, letter, foreign }) => {
        const index = list.length === 0 ? 0 : at % list.length;
        const entry = list[index] ?? '';
        const put = (...others: readonly string[]) => [...list.slice(0, index), ...others, ...list.slice(index + 1)];
        if (kind === 'drop') return put();
        if (kind === 'repeat') return put(entry, entry);
        if (kind === 'insert') return put(entry, sealedOf([foreign])[0]!);
        if (kind === 'swap') return [...put(), entry];
        return put(altered(entry, place % (entry.length + 1), letter));
      }, snapshot.entries);
      const isSame = JSON.stringify(entries) === JSON.stringify(snapshot.entries);
      expect(open({ ...snapshot, entries })).toHaveProperty(isSame ? 'entries' : 'refused', isSame ? expect.anything() : 'checkpoint.wrong_digest');
    }), { numRuns: 300 });
  });

  it('is refused where its checkpoint was altered', () => {
    const snapshot = snapshotOf(sealedOf([3, 1, 4, 15]));
    fc.assert(fc.property(fc.nat({ max: snapshot.checkpoint.length - 1 }), fc.constantFrom('A', 'b', '.', '_', 'é'), (at, letter) => {
      fc.pre(snapshot.checkpoint[at] !== letter);
      expect(open({ ...snapshot, checkpoint: altered(snapshot.checkpoint, at, letter) })).toHaveProperty('refused');
    }));
  });

  const log = sealedBehind([], draft({ topic: 'chains' }), draft({ sub: 'bread' }), draft({ sub: 'flour' }), draft({ sub: 'bread' }), draft({ topic: 'clearing' }));
  const [chains, oldBread, flour, bread, clearing] = log as [string, string, string, string, string];
  const live = [chains, flour, bread, clearing];
  const southern = sealedBy(south, [], ...Array.from({ length: 3 }, () => draft({ topic: 'chains' })));
  const fork = sealedBehind([chains, oldBread], draft({ sub: 'salt' }), draft({ sub: 'oil' }));
  const [other] = sealedBehind([chains, oldBread, flour], draft({ sub: 'oil' })) as [string];
  const notJson = `${bread.split('.')[0]}.e30.${bread.split('.')[2]}`;

  it.each<[string, Snapshot, Partial<SnapshotIssuer>, string, ...number[]]>([
    ['another network', snapshotOf(log), { net: 'other-network' }, 'entry.wrong_network'],
    ['another issuer', snapshotOf(log), { issuer: south.id }, 'entry.wrong_issuer'],
    ['a checkpoint of another issuer', { checkpoint: sealedBy(south, southern, checkpointDraft(south.id, itemsIn(southern), { ts: NOW })!)[0]!, entries: southern }, {}, 'entry.unknown_key'],
    ['a key that is not known', snapshotOf(log), { schedule: firstSchedule(south.id)! }, 'entry.unknown_key'],
    ['a checkpoint with a signature that does not hold', { ...snapshotOf(log), checkpoint: `${checkpointBehind(log).slice(0, -4)}AAAA` }, {}, 'entry.bad_signature'],
    ['something else in place of the checkpoint', { checkpoint: sealedBehind(log, draft({ topic: 'announce' }))[0]!, entries: live }, {}, 'checkpoint.malformed'],
    ['an entry of another topic in place of the checkpoint', { checkpoint: clearing, entries: live.slice(0, -1) }, {}, 'entry.wrong_topic'],
    ['nothing in place of the checkpoint', { checkpoint: '', entries: live }, {}, 'entry.malformed'],
    ['entries of another issuer', claimed(log, southern), {}, 'entry.wrong_issuer', 0],
    ['an entry that is none', claimed(log, [chains, 'x', clearing]), {}, 'entry.malformed', 1],
    ['an entry that says nothing', claimed(log, [chains, flour, notJson, clearing]), {}, 'entry.malformed', 2],
    ['entries in another order', claimed(log, [chains, bread, flour, clearing]), {}, 'checkpoint.broken_order', 2],
    ['an entry twice', claimed(log, [chains, chains, flour, bread, clearing]), {}, 'checkpoint.broken_order', 1],
    ['two entries of one number', claimed(log, [chains, flour, fork[0]!, bread, clearing]), {}, 'checkpoint.broken_order', 2],
    ['an entry that follows another than the one before it', claimed(log, [chains, flour, fork[1]!, clearing]), {}, 'checkpoint.broken_order', 2],
    ['an entry behind the checkpoint', claimed(log.slice(0, 4), [chains, flour, clearing]), {}, 'checkpoint.broken_order'],
    ['another last entry than the checkpoint follows', claimed(log.slice(0, 4), [chains, flour, other]), {}, 'checkpoint.broken_order'],
    ['an entry that another one replaces', claimed(log, log), {}, 'checkpoint.dead_entry', 1],
    ['an entry that has expired', claimed([...log, ...expired()], [...live, ...expired()]), {}, 'checkpoint.dead_entry', 4],
    ['more entries than are bounded', { ...snapshotOf(log), entries: new Array<string>(SNAPSHOT_ENTRIES_MAX + 1).fill('x') }, {}, 'checkpoint.too_large'],
  ])('is refused with %s', (_name, snapshot, change, refused, ...index) => {
    const found = open(snapshot, change);
    expect(found).toMatchObject({ refused });
    expect('index' in found ? [found.index] : []).toEqual(index);
  });

  function expired(): string[] {
    return sealedBehind(log, draft({ sub: 'salt', exp: NOW - 1 }));
  }

  it('may leave out what the issuer chose, which only those who hold it can see', () => {
    expect(open(claimed(log, [chains, flour, bread]))).toHaveProperty('entries.length', 3);
    expect(confirmCheckpoint(readCheckpoint(toyOpened(checkpointBehind(log, [chains, flour, bread])))!, itemsIn(log))).toMatchObject({ refused: 'checkpoint.wrong_digest' });
  });
});

describe('the keys of a snapshot', () => {
  const keys = [north.privateKey, new Uint8Array(32).fill(12), new Uint8Array(32).fill(13)];
  const recoveryKey = new Uint8Array(32).fill(14);
  const recoveryKeyHash = commitmentTo(toyEd25519.publicKey(recoveryKey));
  const sealer = (keyNo: number): Sealer => ({ ...north, kid: kidOf(north.id, keyNo), privateKey: keys[keyNo - 1]! });
  const announced: EntryDraft = draft({ topic: 'announce', type: 'node.announced', body: { recovery_key_hash: recoveryKeyHash } });
  const headOf = (log: readonly string[]): Head => ({ seq: log.length, hash: hashEntry(log.at(-1)!) });
  const place = { topic: 'announce', sub: north.id, ts: NOW };

  interface Keyed { readonly log: readonly string[]; readonly schedule: KeySchedule }
  function then({ log, schedule }: Keyed, keyNo: number, ...drafts: readonly EntryDraft[]): Keyed {
    const added = sealedBy(sealer(keyNo), log, ...drafts);
    const after = added.reduce((keyed, jws) => {
      const next = scheduleAfter(toyEd25519, keyed, { ...toyOpenedOf(jws), isSignatureVerified: true });
      if ('refused' in next) throw new Error(next.detail);
      return next;
    }, schedule);
    return { log: [...log, ...added], schedule: after };
  }
  const toyOpenedOf = (jws: string) => ({ jws, hash: hashEntry(jws), header: JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()) as never, payload: JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as never });
  const itemsOfAll = (log: readonly string[]) => log.map((jws) => itemOf({ ...toyOpenedOf(jws), isSignatureVerified: true }));
  const snapshotBy = (keyNo: number, { log }: Keyed, entries = log): Snapshot => ({
    checkpoint: sealedBy(sealer(keyNo), log, { ...checkpointDraft(north.id, itemsOfAll(log), { ts: NOW })!, body: namesOf(entries) })[0]!, entries,
  });

  const rotationAfter = ({ log, schedule }: Keyed, keyNo: number): EntryDraft =>
    ({ ...place, type: 'key.rotated', body: rotationBody(toyEd25519, { schedule, head: headOf(log) }, { privateKey: keys[keyNo]!, recoveryKeyHash }) });

  const begun = then({ log: [], schedule: firstSchedule(north.id)! }, 1, announced, draft({ sub: 'bread' }));
  const rotated = then(begun, 1, rotationAfter(begun, 1));
  const going = then(rotated, 2, draft({ sub: 'flour', body: { title: 'key.rotated' } }));
  const recovered = then(going, 3, { ...place, type: 'key.recovered', body: recoveryBody(toyEd25519, { schedule: going.schedule, head: headOf(going.log) }, { privateKey: keys[2]!, recoveryKeyHash: null }, recoveryKey) });
  const whole = then(recovered, 3, draft({ sub: 'salt' }));

  it('are followed through rotation and recovery by who has never seen the log', () => {
    expect(open(snapshotBy(3, whole))).toMatchObject({ schedule: whole.schedule, entries: { length: whole.log.length } });
    expect(whole.schedule.keys.map(({ fromSeq }) => fromSeq)).toEqual([1, 4, 5]);
  });

  it('are those known where more is known than the checkpoint covers', () => {
    const { checkpoint, entries } = snapshotBy(2, going);
    const checked = { log: [...going.log, checkpoint], schedule: going.schedule };
    const later = then(checked, 2, rotationAfter(checked, 2));
    expect(open({ checkpoint, entries }, { schedule: later.schedule })).toMatchObject({ schedule: later.schedule });
    expect(open({ checkpoint, entries }, { schedule: going.schedule })).toMatchObject({ schedule: going.schedule });
    expect(later.schedule.keys).toHaveLength(3);
  });

  it('cost the signatures of the commitment and of the changes beside that of the checkpoint', () => {
    const { ed25519, count } = counting(toyEd25519);
    openSnapshot(ed25519, snapshotBy(3, whole), { ...known, schedule: whole.schedule });
    expect(count()).toBe(1 + 1 + 2 + 3);
  });

  it('are not written anew by who has stolen the last one', () => {
    const thief = { ...sealer(1), privateKey: keys[1]! };
    const mine = { privateKey: keys[1]!, recoveryKeyHash: commitmentTo(toyEd25519.publicKey(keys[1]!)) };
    const change = sealedBy(thief, begun.log, { ...place, type: 'key.rotated', body: rotationBody(toyEd25519, { schedule: begun.schedule, head: headOf(begun.log) }, mine) });
    const first = sealedBy(thief, [], { ...announced, body: { recovery_key_hash: mine.recoveryKeyHash } });
    for (const schedule of [going.schedule, known.schedule]) {
      expect(open(snapshotBy(2, going, [...begun.log, ...change, going.log[3]!]), { schedule })).toMatchObject({ refused: schedule === known.schedule ? 'entry.unknown_key' : 'entry.bad_signature' });
      expect(open(snapshotBy(2, going, [...first, ...going.log.slice(1)]), { schedule })).toMatchObject({ refused: schedule === known.schedule ? 'entry.unknown_key' : 'entry.bad_signature' });
    }
  });

  it('do not include a retired one, though a snapshot of it may open for who cannot know better', () => {
    const stolen = then(begun, 1, draft({ sub: 'salt' }), draft({ sub: 'oil' }));
    expect(open(snapshotBy(1, whole))).toMatchObject({ refused: 'entry.retired_key' });
    expect(open(snapshotBy(1, stolen), { schedule: rotated.schedule })).toMatchObject({ refused: 'checkpoint.other_keys' });
    expect(open(snapshotBy(1, stolen))).toHaveProperty('entries.length', 4);
  });

  it('are refused where a change of them is left out', () => {
    const without = (seq: number) => whole.log.filter((_, index) => index !== seq - 1);
    expect(open(snapshotBy(3, whole, without(3)))).toMatchObject({ refused: 'entry.unknown_key' });
    expect(open(snapshotBy(3, whole, without(5)), { schedule: whole.schedule })).toMatchObject({ refused: 'checkpoint.other_keys' });
    expect(open(snapshotBy(3, whole, without(3)), { schedule: whole.schedule })).toMatchObject({ refused: 'entry.bad_rotation' });
  });

  it('are refused where an entry was sealed with one that is not the one for its place', () => {
    const early = then({ log: begun.log.slice(0, 1), schedule: begun.schedule }, 2, draft());
    const late = then(rotated, 1, draft());
    expect(open(snapshotBy(2, going, [early.log[0]!, early.log[1]!, ...going.log.slice(2)]))).toMatchObject({ refused: 'entry.retired_key', index: 1 });
    expect(open(snapshotBy(2, late))).toMatchObject({ refused: 'entry.retired_key', index: 3 });
  });
});
