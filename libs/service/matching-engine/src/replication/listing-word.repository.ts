import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { ListingUnknownError } from '../listing/domain/listing.errors.js';

/** What a home node has said of a listing that is not known here. */
export interface ListingWord {
  /** Null where nothing was said of it. */
  readonly free: bigint | null;
  readonly isClosed: boolean;
}

/** Unknown listings of one node of which words are kept. */
const WORDS_MAX = 100_000;

/** Where something was said: by whom, of what, and in which entry of its log. */
export interface WordPlace { readonly issuer: string; readonly listingId: string; readonly seq: number }

/**
 * Words about listings that are not known here.
 *
 * Where a node takes over the log of another from a checkpoint, what is left of it is not complete: the last reservation may
 * stand there without the publication it is about, or be applied before it. The word is kept beside the log it came from
 * and never grows beyond one row for each listing.
 */
@Injectable()
export class ListingWordRepository {
  /** Keeps what was said, unless something later was. A closed listing stays closed. @throws ListingUnknownError where its issuer has 100,000 words here already. */
  async keep({ issuer, listingId, seq }: WordPlace, { free, isClosed }: ListingWord, tx: Transaction): Promise<void> {
    const kept = await tx.query<unknown[]>('SELECT 1 FROM listing_word WHERE home_node = $1 AND listing_id <> $2 OFFSET $3 LIMIT 1', [issuer, listingId, WORDS_MAX - 1]);
    if (kept.length > 0) throw new ListingUnknownError(listingId);
    await tx.query(
      `INSERT INTO listing_word (home_node, listing_id, seq, free, is_closed) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (home_node, listing_id) DO UPDATE SET
         free = CASE WHEN $4::numeric IS NOT NULL AND (listing_word.free IS NULL OR listing_word.seq < $3) THEN $4::numeric ELSE listing_word.free END,
         is_closed = listing_word.is_closed OR $5, seq = greatest(listing_word.seq, $3)`,
      [issuer, listingId, seq, free === null ? null : String(free), isClosed],
    );
  }

  /** Takes out what was said of a listing after the entry that publishes it. */
  async take({ issuer, listingId, seq }: WordPlace, tx: Transaction): Promise<ListingWord | undefined> {
    const [rows] = await tx.query<[{ seq: string; free: string | null; is_closed: boolean }[], number]>(
      'DELETE FROM listing_word WHERE home_node = $1 AND listing_id = $2 RETURNING seq, free, is_closed', [issuer, listingId],
    );
    const [row] = rows;
    if (row === undefined || Number(row.seq) < seq) return undefined;
    return { free: row.free === null ? null : BigInt(row.free), isClosed: row.is_closed };
  }
}
