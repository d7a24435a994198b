import { Injectable } from '@nestjs/common';
import type { FederatedEntry } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import { ListingUnknownError } from '../listing/domain/listing.errors.js';
import { ListingWordRepository, type ListingWord } from './listing-word.repository.js';

type AboutListing = Pick<FederatedEntry<{ readonly listing_id: string }>, 'issuer' | 'isOwn' | 'seq' | 'body'>;

const placeOf = ({ issuer, seq, body }: AboutListing) => ({ issuer, listingId: body.listing_id, seq });

/** What is said of listings before they are known. */
@Injectable()
export class ListingWords {
  constructor(private readonly words: ListingWordRepository) {}

  /** Keeps a word until the listing is known. @throws ListingUnknownError where it is this node's own, which it would know. */
  async keep(entry: AboutListing, word: ListingWord, tx: Transaction): Promise<void> {
    if (entry.isOwn) throw new ListingUnknownError(entry.body.listing_id);
    await this.words.keep(placeOf(entry), word, tx);
  }

  /** What is to be taken in of a listing that has just become known: not more free than there is of it. */
  async take(entry: AboutListing, amount: bigint, tx: Transaction): Promise<ListingWord> {
    const word = await this.words.take(placeOf(entry), tx);
    if (word === undefined) return { free: null, isClosed: false };
    return { ...word, free: word.free !== null && word.free <= amount ? word.free : null };
  }
}
