import { describe, expect, it } from '@jest/globals';
import type { NodeId } from '@kula/kernel-crypto';
import {
  commitmentTo, firstSchedule, GENESIS_PREVIOUS, kidOf, lastKey, openEntry, recoveryBody, rotationBody, scheduleAfter, sealEntry, type EntryBody, type Head, type KeySchedule,
} from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf } from '@kula/testing-fixtures';
import type { EntryLog } from '../../log/entry-log.js';
import type { OwnNode } from '../../own-node.js';
import { KeyHistory } from './key-history.js';

const NET = 'kula-spec';
const west = nodeIdOf('west');
const publicKey = (name: string) => nodeEd25519.publicKey(keyOfName(name));

interface Written { readonly seq: number; readonly type: string; readonly jws: string }

/** The log of a node that changes its keys, sealed for real. */
class Log {
  readonly entries: Written[] = [];
  schedule: KeySchedule;
  private head: Head | undefined;
  private key: string;

  constructor(readonly nodeId: NodeId, name: string) {
    this.key = `node ${name}`;
    this.schedule = firstSchedule(nodeId)!;
    this.write('node.announced', { recovery_key_hash: commitmentTo(publicKey('recovery')) }, this.key, 1);
  }

  say(): void { this.write('cooperative.announced', { said: this.entries.length }, this.key, lastKey(this.schedule).keyNo); }

  rotate(key: string): void {
    const next = { privateKey: keyOfName(key), recoveryKeyHash: commitmentTo(publicKey('recovery')) };
    this.write('key.rotated', rotationBody(nodeEd25519, { schedule: this.schedule, head: this.head! }, next), this.key, lastKey(this.schedule).keyNo);
    this.key = key;
  }

  recover(key: string): void {
    const body = recoveryBody(nodeEd25519, { schedule: this.schedule, head: this.head! }, { privateKey: keyOfName(key), recoveryKeyHash: null }, keyOfName('recovery'));
    this.write('key.recovered', body, key, lastKey(this.schedule).keyNo + 1);
    this.key = key;
  }

  private write(type: string, body: EntryBody, key: string, keyNo: number): void {
    const seq = this.entries.length + 1;
    const payload = { v: 1 as const, net: NET, iss: this.nodeId, seq, prev: this.head?.hash ?? GENESIS_PREVIOUS, topic: 'announce', type, sub: 'west', ts: 1, body };
    const sealed = sealEntry(nodeEd25519, keyOfName(key), kidOf(this.nodeId, keyNo), payload);
    if ('refused' in sealed) throw new Error(sealed.detail);
    const opened = openEntry(nodeEd25519, sealed.jws, () => publicKey(key), { net: NET });
    if ('refused' in opened) throw new Error(opened.detail);
    const after = scheduleAfter(nodeEd25519, this.schedule, opened);
    if ('refused' in after) throw new Error(after.detail);
    this.schedule = after;
    this.head = { seq, hash: sealed.hash };
    this.entries.push({ seq, type, jws: sealed.jws });
  }
}

/** The keys of nodes as a service sees them that holds these logs. */
const historyOf = (own: Log, held: readonly KeySchedule[] = [own.schedule]) => new KeyHistory({ nodeId: own.nodeId, network: NET } as OwnNode, {
  issuerLog: async (nodeId: NodeId) => ({ schedule: held.find(({ issuer }) => issuer === nodeId) ?? firstSchedule(nodeId) }),
  scheduleOf: async () => own.schedule,
  ofIssuer: async (_issuer: string, from: number) => own.entries.filter(({ seq }) => seq >= from).slice(0, 1),
} as unknown as EntryLog);
const south = new Log(nodeIdOf('south'), 'south');
const newest = (entries: readonly string[], held?: readonly KeySchedule[]) => historyOf(south, held).newestKey(west, entries);

function changing(...changes: readonly (readonly ['rotate' | 'recover', string])[]): Log {
  const log = new Log(west, 'west');
  for (const [change, key] of changes) {
    log.say();
    log[change](key);
  }
  return log;
}

describe('the entries that show a key', () => {
  it('are none where it has never changed', async () => expect(await historyOf(changing()).ownEntries()).toEqual([]));

  it.each<[string, Log]>([
    ['rotations', changing(['rotate', 'second'], ['rotate', 'third'])], ['a recovery', changing(['recover', 'second'])],
    ['a rotation and a recovery', changing(['rotate', 'second'], ['recover', 'third'])],
  ])('are the first and every change, in order: %s', async (_changes, log) => {
    const entries = await historyOf(log).ownEntries();
    expect(entries).toEqual(log.entries.filter(({ type }) => type !== 'cooperative.announced').map(({ jws }) => jws));
    expect(await newest(entries)).toEqual(lastKey(log.schedule).publicKey);
  });

  it('are found where one change follows at once on the other', async () => {
    const log = new Log(west, 'west');
    log.rotate('second');
    log.recover('third');
    expect(await newest(await historyOf(log).ownEntries())).toEqual(publicKey('third'));
  });

  it('are left out where there are more than a statement carries', async () => {
    const log = new Log(west, 'west');
    for (let index = 0; index < 30; index += 1) log.rotate(`key ${index}`);
    expect(await historyOf(log).ownEntries()).toEqual([]);
  });
});

describe('the newest key of a node', () => {
  const log = changing(['rotate', 'second'], ['rotate', 'third']);
  const [first, second, third] = log.entries.filter(({ type }) => type !== 'cooperative.announced').map(({ jws }) => jws) as [string, string, string];

  it('is that of its id where it shows nothing, and none for what is no node id', async () => {
    expect(await newest([])).toEqual(publicKey('node west'));
    expect(await historyOf(south).newestKey('nobody', [first])).toBeUndefined();
  });

  it('is the last one that its entries lead to', async () => {
    expect(await newest([first, second, third])).toEqual(publicKey('third'));
    expect(await newest([first, second])).toEqual(publicKey('second'));
  });

  it.each<[string, () => readonly string[]]>([
    ['those of another node', () => { const other = new Log(nodeIdOf('east'), 'east'); other.rotate('second'); return other.entries.map(({ jws }) => jws); }],
    ['one out of its order', () => [first, third]],
    ['one whose signature does not hold', () => [first, `${second.slice(0, second.lastIndexOf('.'))}.${'A'.repeat(86)}`]],
    ['no entries', () => ['a.b.c', 'nothing']],
    ['a recovery by a key that was not committed to', () => {
      const thief = changing();
      thief.schedule = { ...thief.schedule, recoveryKeyHash: commitmentTo(publicKey('recovery')) };
      thief.recover('stolen');
      return [thief.entries.at(-1)!.jws];
    }],
  ])('stays where it is for %s', async (_what, entries) => expect(await newest(entries())).toEqual(publicKey('node west')));

  it('is that of the log as it is held, wherever the entries shown do not go on from there', async () => {
    const stolen = changing(['rotate', 'by the thief'], ['rotate', 'by the thief again']).entries.map(({ jws }) => jws);
    expect(await newest(stolen, [changing(['rotate', 'second']).schedule])).toEqual(publicKey('second'));
    expect(await newest([first, second], [log.schedule])).toEqual(publicKey('third'));
    expect(await newest([first, second, third], [changing(['rotate', 'second']).schedule])).toEqual(publicKey('third'));
  });
});
