import { firstKey, hashEntry, verifyChain, verifyEquivocationProof, type EquivocationProof } from '@kula/kernel-federation-log';
import { COUNTED, nodeEd25519 } from '@kula/testing-dev-network';
import { timed } from './extent.js';
import type { LogNode } from './log-node.js';
import { until, untilNothingLacks } from './until.js';

const NETWORK = 'kula-dev';

/** Who must hold what when everything is over. */
export interface Expected {
  readonly honest: readonly LogNode[];
  /** Issuers that the test signs for and that kept to the rules, with the notes of their counted entries. */
  readonly scripted?: ReadonlyMap<string, readonly string[]>;
  /** Issuers that have contradicted themselves: every honest node has the proof, and what they hold of them is theirs. */
  readonly liars?: readonly string[];
}

/** What the audit looked through. */
export interface Audited {
  /** Entries held at each node. */
  readonly entries: number;
  readonly issuers: number;
}

interface EntryRow { issuer: string; seq: string; hash: string; topic: string; jws: string }
interface HeadRow { issuer: string; seq: string; hash: string }
interface CountedRow { issuer: string; seq: string; hash: string; note: string }

/** A log as one node holds it. */
interface HeldLog {
  readonly hashes: readonly string[];
  readonly counted: readonly { readonly seq: number; readonly hash: string }[];
}

/**
 * Waits until every node holds everything, then reads all of it and throws where anything is missing, doubled, in another
 * order, not signed, different anywhere, or applied otherwise than once and in order.
 */
export async function auditWhen(what: string, expected: Expected): Promise<Audited> {
  return timed(`audit ${what}`, () => audited(what, expected), ({ entries, issuers }) => `, ${entries} entries of ${issuers} issuers at each of ${expected.honest.length} nodes`);
}

async function audited(what: string, expected: Expected): Promise<Audited> {
  await untilNothingLacks(what, () => lacking(expected));
  const found = await until(`${what}: two readings of the same`, async () => auditOnce(expected));
  for (const issuer of expected.liars ?? []) await auditProofs(expected.honest, issuer);
  return found;
}

const notesOf = ({ honest, scripted = new Map() }: Expected): Map<string, readonly string[]> =>
  new Map([...honest.map(({ nodeId, drafted }) => [nodeId, drafted] as const), ...scripted]);

/** What is not there yet, in words. Cheap: counts and heads. */
async function lacking(expected: Expected): Promise<string[]> {
  const wanted = notesOf(expected);
  const total = [...wanted.values()].reduce((sum, { length }) => sum + length, 0);
  const lacks: string[] = [];
  const liars = new Set(expected.liars);
  const vectors: string[] = [];
  for (const node of expected.honest) {
    for (const [issuer, notes] of wanted) {
      const held = await node.held(issuer);
      if (held !== notes.length) lacks.push(`${node.name} holds ${held} of ${notes.length} of ${nameOf(issuer, expected)}`);
    }
    const heads = await node.rows<HeadRow>('federation', 'SELECT issuer, seq, hash FROM issuer_head ORDER BY issuer COLLATE "C"');
    vectors.push(JSON.stringify(heads.filter(({ issuer }) => !liars.has(issuer))));
    const applied = await node.number('counting', 'SELECT count(*) AS number FROM counted WHERE issuer = ANY($1)', [[...wanted.keys()]]);
    if (applied !== total) lacks.push(`${node.name} has applied ${applied} of ${total}`);
    for (const liar of liars) if (!await hasProof(node, liar)) lacks.push(`${node.name} has no proof against ${liar}`);
  }
  if (new Set(vectors).size > 1) lacks.push('heads differ');
  return lacks;
}

const nameOf = (issuer: string, { honest }: Expected): string => honest.find(({ nodeId }) => nodeId === issuer)?.name ?? issuer;

const hasProof = async (node: LogNode, issuer: string): Promise<boolean> =>
  (await node.number('federation', 'SELECT count(*) AS number FROM equivocation WHERE issuer = $1', [issuer])) > 0;

/** Reads everything. Undefined where entries came while it was read. @throws Error naming what is wrong. */
async function auditOnce(expected: Expected): Promise<Audited | undefined> {
  const liars = new Set(expected.liars);
  const notes = notesOf(expected);
  let first: ReadonlyMap<string, HeldLog> | undefined;
  for (const node of expected.honest) {
    const logs = await heldLogs(node, first === undefined, notes);
    await auditApplied(node, logs, liars);
    for (const liar of liars) logs.delete(liar);
    first ??= logs;
    if (!isSame(first, logs)) return undefined;
  }
  const entries = [...first?.values() ?? []].reduce((sum, { hashes }) => sum + hashes.length, 0);
  return { entries, issuers: first?.size ?? 0 };
}

/** Every log of a node, hash by hash; the chains verified with the kernel's auditor where asked. */
async function heldLogs(node: LogNode, isVerified: boolean, notes: ReadonlyMap<string, readonly string[]>): Promise<Map<string, HeldLog>> {
  const rows = await node.rows<EntryRow>('federation', 'SELECT issuer, seq, hash, topic, jws FROM entry ORDER BY issuer COLLATE "C", seq');
  const heads = new Map((await node.rows<HeadRow>('federation', 'SELECT issuer, seq, hash FROM issuer_head')).map((head) => [head.issuer, head]));
  const logs = new Map<string, HeldLog>();
  for (const [issuer, entries] of grouped(rows)) {
    const jws = entries.map((entry) => entry.jws);
    for (const entry of entries) if (hashEntry(entry.jws) !== entry.hash) throw new Error(`${node.name}: entry ${entry.seq} of ${issuer} is kept under another hash`);
    entries.forEach(({ seq }, index) => { if (Number(seq) !== index + 1) throw new Error(`${node.name}: entry ${index + 1} of ${issuer} is missing`); });
    if (heads.get(issuer)?.hash !== entries.at(-1)?.hash) throw new Error(`${node.name}: the head of ${issuer} is not its last entry`);
    if (isVerified) auditChain(`${node.name}: the log of ${issuer}`, issuer, jws);
    auditNotes(`${node.name}: the log of ${issuer}`, entries, notes.get(issuer));
    logs.set(issuer, {
      hashes: entries.map(({ hash }) => hash),
      counted: entries.filter(({ topic }) => topic === COUNTED.topic).map(({ seq, hash }) => ({ seq: Number(seq), hash })),
    });
  }
  return logs;
}

function auditChain(what: string, issuer: string, entries: readonly string[]): void {
  const audit = verifyChain(nodeEd25519, { net: NETWORK, iss: issuer, entries, keyOf: firstKey });
  if (!audit.isSound) throw new Error(`${what} is no chain: ${audit.fault} at ${audit.index + 1}`);
  if (audit.coveredOnly.length > 0) throw new Error(`${what} has unsigned entries`);
}

/** Each note that was drafted is in the log once, and no other. */
function auditNotes(what: string, entries: readonly EntryRow[], drafted: readonly string[] | undefined): void {
  if (drafted === undefined) return;
  const sealed = entries.filter(({ topic }) => topic === COUNTED.topic).map(({ jws }) => noteIn(jws));
  const once = new Set(sealed);
  if (once.size !== sealed.length) throw new Error(`${what} has ${sealed.length - once.size} drafts twice`);
  const missing = drafted.filter((note) => !once.has(note));
  if (missing.length > 0 || sealed.length !== drafted.length) throw new Error(`${what} lacks ${missing.length} drafts of ${drafted.length} and has ${sealed.length}`);
}

const noteIn = (jws: string): string => (JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { body: { note: string } }).body.note;

/** What the consumer has recorded is exactly what the log holds, once each and in the order of each issuer. */
async function auditApplied(node: LogNode, logs: ReadonlyMap<string, HeldLog>, liars: ReadonlySet<string>): Promise<void> {
  const rows = await node.rows<CountedRow>('counting', 'SELECT issuer, seq, hash, note FROM counted ORDER BY ordinal');
  const applied = grouped(rows);
  for (const [issuer, { counted }] of logs) {
    const got = (applied.get(issuer) ?? []).map(({ seq, hash }) => `${seq} ${hash}`);
    const wanted = counted.map(({ seq, hash }) => `${seq} ${hash}`);
    const at = wanted.findIndex((entry, index) => got[index] !== entry);
    if (at !== -1) throw new Error(`${node.name}: of ${issuer} the consumer has ${got[at]} where ${wanted[at]} belongs`);
    if (got.length > wanted.length) throw new Error(`${node.name}: of ${issuer} the consumer has ${got.length - wanted.length} more than the log${liars.has(issuer) ? ', whose issuer lies' : ''}`);
  }
  for (const issuer of applied.keys()) if (!logs.has(issuer)) throw new Error(`${node.name}: the consumer has entries of ${issuer}, the log has none`);
}

/** Every node has a proof that anybody can check. */
async function auditProofs(honest: readonly LogNode[], issuer: string): Promise<void> {
  for (const node of honest) {
    const rows = await node.rows<{ at: string; proof: EquivocationProof; state: string }>('federation', 'SELECT at, proof, state FROM equivocation WHERE issuer = $1 ORDER BY at', [issuer]);
    for (const { at, proof } of rows) {
      const found = verifyEquivocationProof(nodeEd25519, proof, firstKey, { net: NETWORK });
      if ('refused' in found) throw new Error(`${node.name}: the proof against ${issuer} is none: ${found.refused}`);
      if (found.iss !== issuer || found.at !== Number(at)) throw new Error(`${node.name}: the proof against ${issuer} is about something else`);
    }
    if (rows[0]?.state !== 'frozen') throw new Error(`${node.name} has not frozen ${issuer}`);
  }
}

function grouped<Row extends { readonly issuer: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.issuer) ?? [];
    if (group.length === 0) groups.set(row.issuer, group);
    group.push(row);
  }
  return groups;
}

const isSame = (left: ReadonlyMap<string, HeldLog>, right: ReadonlyMap<string, HeldLog>): boolean =>
  left.size === right.size && [...left].every(([issuer, { hashes }]) => JSON.stringify(hashes) === JSON.stringify(right.get(issuer)?.hashes));
