import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromBase64url, portableEd25519, type NodeId } from '@kula/kernel-crypto';
import { hashEntry, type EntryPayload } from '../entry/entry.js';
import type { OpenedEntry } from '../entry/entry-parts.js';
import { firstSchedule, type KeySchedule } from '../keys/key-schedule.js';
import { auditCheckpoint } from './audit-checkpoint.js';
import { checkpointDraft, confirmCheckpoint, digestOf, readCheckpoint } from './checkpoint.js';
import { itemOf, type LogItem } from './log-item.js';
import { openSnapshot } from './open-snapshot.js';

interface Case {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly known?: readonly number[];
  readonly net?: string;
  readonly log?: readonly string[];
  readonly checkpoint: string;
  readonly entries: readonly string[];
  readonly expect: {
    readonly holder?: { readonly live: readonly number[] } | { readonly refused: string };
    readonly receiver: { readonly head: readonly [number, string]; readonly keys: readonly (readonly [number, number])[] } | { readonly refused: string; readonly index?: number };
  };
}

const folder = new URL('../../vectors/', import.meta.url);
const file = JSON.parse(readFileSync(new URL('checkpoints.json', folder), 'utf8')) as { readonly net: string; readonly iss: NodeId; readonly cases: readonly Case[] };
const rows = file.cases.map((row) => [row.name, row] as const);
const held = rows.flatMap(([name, { log, checkpoint, expect: { holder } }]) => (log && holder ? [[name, { log, checkpoint, holder }] as const] : []));

/** The entry as its holder has it: opened when it was stored. */
const stored = (jws: string): OpenedEntry => {
  const [header, payload] = jws.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown);
  return { jws, hash: hashEntry(jws), header: header as OpenedEntry['header'], payload: payload as EntryPayload, isSignatureVerified: true };
};
const itemsIn = (log: readonly string[]): LogItem[] => log.map((jws) => itemOf(stored(jws)));

function scheduleOf({ keys, known = [1] }: Case): KeySchedule {
  const first = firstSchedule(file.iss)!;
  return { ...first, keys: known.map((fromSeq, index) => ({ keyNo: index + 1, fromSeq, publicKey: fromBase64url(keys[`${file.iss}#${index + 1}`]!)! })) };
}

describe('the vectors of checkpoints', () => {
  it.each(held)('are found by who holds the log: %s', (_name, { log, checkpoint, holder }) => {
    const found = confirmCheckpoint(readCheckpoint(stored(checkpoint))!, itemsIn(log));
    expect('refused' in found ? { refused: found.refused } : { live: found.map(({ seq }) => seq) }).toEqual(holder);
  });

  it.each(held)('are found by the audit: %s', (_name, { log, checkpoint, holder }) => {
    expect(auditCheckpoint(log, checkpoint)).toEqual('live' in holder ? { isSound: true, live: holder.live } : expect.objectContaining({ isSound: false }));
  });

  it.each(held.filter(([, { holder }]) => 'live' in holder))('are written anew by who holds the log: %s', (_name, { log, checkpoint }) => {
    const { payload } = stored(checkpoint);
    const { topic, type, sub, ts, body } = payload;
    expect(checkpointDraft(file.iss, itemsIn(log), { ts })).toEqual({ topic, type, sub, ts, body });
    expect(digestOf(confirmCheckpoint(readCheckpoint(stored(checkpoint))!, itemsIn(log)) as LogItem[])).toEqual(body);
  });

  it.each(rows)('are taken over by who receives the snapshot: %s', (_name, row) => {
    const found = openSnapshot(portableEd25519, row, { net: row.net ?? file.net, issuer: file.iss, schedule: scheduleOf(row) });
    if ('refused' in found) expect({ refused: found.refused, ...('index' in found && { index: found.index }) }).toEqual(row.expect.receiver);
    else expect({ head: [found.checkpoint.seq, found.checkpoint.hash], keys: found.schedule.keys.map(({ keyNo, fromSeq }) => [keyNo, fromSeq]) }).toEqual(row.expect.receiver);
  });

  it('are what the generator writes', async () => {
    const { checkpointFiles } = await import(new URL('generate-checkpoints.mjs', folder).href) as { checkpointFiles: () => Readonly<Record<string, string>> };
    const onDisk = Object.keys(checkpointFiles()).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]);
    expect(Object.fromEntries(onDisk)).toEqual(checkpointFiles());
  });
});
