import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { EntryLog } from '../log/entry-log.js';
import type { z } from 'zod';
import { IssuerUnknownError } from './federation.errors.js';

type Asked = z.output<typeof federation.listEntries.input>;
type Page = z.output<typeof federation.listEntries.output>;

/** Bytes of signed entries in one page: with the rest of an answer they stay below the largest message of a node. */
const BYTES_MAX = 512 * 1024;

/** Signed entries of one issuer, as they were signed. */
@Injectable()
export class ListEntriesQuery {
  constructor(private readonly log: EntryLog) {}

  /** A page from a sequence number on; shorter than asked where entries are large. @throws IssuerUnknownError. */
  async page({ issuer, from, limit }: Asked): Promise<Page> {
    const { head } = await this.log.issuerLog(issuer);
    if (head === undefined) throw new IssuerUnknownError(issuer);
    const entries = await this.log.ofIssuer(issuer, from, { entriesMax: limit, bytesMax: BYTES_MAX });
    const last = entries.at(-1)?.seq ?? head.seq;
    return {
      items: entries.map(({ seq, hash, topic, type, subject, ts, jws }) =>
        ({ issuer, seq, hash, topic, type, subject, sealedAt: new Date(ts).toISOString(), jws })),
      nextFrom: last < head.seq ? last + 1 : null,
    };
  }
}
