import { Injectable } from '@nestjs/common';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import type { EntryDraft } from '@kula/kernel-federation-log';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { payloadIn } from './payload-in.js';

/** What the sealer is about to give a place: a draft's id and what would be sealed. */
export interface SealableDraft {
  readonly id: string;
  readonly content: EntryDraft;
}

const PAGE = { entriesMax: 500, bytesMax: 4_000_000 };

/**
 * Knows which drafts have their entry already, also where the entry came back from peers without the id of its draft.
 *
 * After a restore the stream of drafts is read again from an older place, and services may publish again what they had
 * published. A draft whose entry has come back is known by what it says, and takes that entry for its own instead of
 * being sealed a second time. Two entries that say the same belong to two drafts, in order.
 */
@Injectable()
export class KnownDrafts {
  constructor(private readonly own: OwnNode, private readonly log: EntryLog, private readonly dataSource: DataSource, private readonly unitOfWork: UnitOfWork) {}

  /** Of ids of drafts and of other messages, those that were sealed or set aside. */
  async settled(drafts: readonly string[], messages: readonly string[]): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT draft_id::text AS id FROM entry WHERE draft_id = ANY($1::uuid[]) UNION SELECT draft_id::text FROM forgotten_draft WHERE draft_id = ANY($1::uuid[])
       UNION SELECT message_id FROM set_aside_draft WHERE message_id = ANY($2)`, [drafts, messages],
    );
    return rows.map(({ id }) => id);
  }

  /** Marks own entries from a number on that belong to no draft, and forgets that marking was due. May be repeated. */
  async mark(from: number): Promise<void> {
    for (let next = from; ;) {
      const entries = await this.log.ofIssuer(this.own.nodeId, next, PAGE);
      const last = entries.at(-1);
      if (last === undefined) break;
      await this.unitOfWork.run((tx) => tx.query(
        `INSERT INTO recovered_entry (seq, content_hash) SELECT new.seq, new.content_hash FROM unnest($1::bigint[], $2::text[]) AS new (seq, content_hash)
         JOIN entry ON entry.issuer = $3 AND entry.seq = new.seq AND entry.draft_id IS NULL ON CONFLICT DO NOTHING`,
        [entries.map(({ seq }) => seq), entries.map(({ jws }) => contentHash(payloadIn(jws))), this.own.nodeId],
      ));
      next = last.seq + 1;
    }
    await this.dataSource.query('UPDATE own_log_standing SET recovered_from = NULL');
  }

  /** Own entries that say what the drafts say and belong to no draft yet: draft id to sequence number. */
  async match(drafts: readonly SealableDraft[]): Promise<ReadonlyMap<string, number>> {
    const [some] = await this.dataSource.query<{ are_left: boolean }[]>('SELECT EXISTS (SELECT FROM recovered_entry) AS are_left');
    if (some?.are_left !== true) return new Map();
    const hashes = drafts.map(({ content }) => contentHash(content));
    const rows = await this.dataSource.query<{ seq: string; content_hash: string }[]>('SELECT seq, content_hash FROM recovered_entry WHERE content_hash = ANY($1) ORDER BY seq', [hashes]);
    const free = new Map<string, number[]>();
    for (const { content_hash: hash, seq } of rows) free.set(hash, [...free.get(hash) ?? [], Number(seq)]);
    const matched = new Map<string, number>();
    for (const [index, { id }] of drafts.entries()) {
      const seq = free.get(hashes[index]!)?.shift();
      if (seq !== undefined) matched.set(id, seq);
    }
    return matched;
  }

  /** Gives matched entries to their drafts, in the transaction that passes the drafts over. */
  async claim(matched: ReadonlyMap<string, number>, tx: Transaction): Promise<void> {
    if (matched.size === 0) return;
    const [ids, seqs] = [[...matched.keys()], [...matched.values()]];
    await tx.query(
      `UPDATE entry SET draft_id = matched.id FROM unnest($2::uuid[], $3::bigint[]) AS matched (id, seq)
       WHERE entry.issuer = $1 AND entry.seq = matched.seq AND entry.draft_id IS NULL`, [this.own.nodeId, ids, seqs],
    );
    await tx.query('DELETE FROM recovered_entry WHERE seq = ANY($1)', [seqs]);
  }
}

/** Name of what an entry says, apart from its place in the log and the time it was given one. */
function contentHash({ topic, type, sub, to, re, exp, body }: EntryDraft): string {
  return hashDocument({ topic, type, sub, to: to ?? null, re: re ?? null, exp: exp ?? null, body } as Json);
}
