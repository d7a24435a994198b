import { Injectable } from '@nestjs/common';
import { BATCH_ENTRIES_MAX, hashEntry } from '@kula/kernel-federation-log';
import type { PeerSession } from '../link/peer-session.js';
import { EntryLog } from '../log/entry-log.js';

/** A peer's entries of a log from the first one that is not ours. */
export interface Fork {
  readonly at: number;
  readonly entries: readonly string[];
}

/**
 * Finds the first entry at which a peer's log of an issuer is another than ours.
 *
 * Logs that differ somewhere differ from there on, so halving finds it: one question for each doubling of the log. Nothing
 * the peer gives is believed here: an answer that is wrong costs the proof its lowest place, never makes one.
 */
@Injectable()
export class FindFork {
  constructor(private readonly log: EntryLog) {}

  /** @param upTo a place at which the two are said to differ. Undefined where the peer does not show another entry there. */
  async handle(session: PeerSession, issuer: string, upTo: number): Promise<Fork | undefined> {
    if (await this.isOurs(session, issuer, upTo) !== false) return undefined;
    let [agreed, differing] = [0, upTo];
    while (differing - agreed > 1) {
      const middle = agreed + Math.floor((differing - agreed) / 2);
      // What one of the two keeps no longer cannot be compared: the fork is then shown as far down as can be seen.
      if (await this.isOurs(session, issuer, middle) === false) differing = middle;
      else agreed = middle;
    }
    const { entries } = await session.range({ issuer, from: differing, to: Math.min(upTo, differing + BATCH_ENTRIES_MAX - 1) });
    return entries.length === 0 ? undefined : { at: differing, entries };
  }

  /** Whether the peer holds our bytes at a place; undefined where it gives none or we keep none. */
  private async isOurs(session: PeerSession, issuer: string, seq: number): Promise<boolean | undefined> {
    const [{ entries: [jws] }, held] = await Promise.all([session.range({ issuer, from: seq, to: seq }), this.log.hashesAt(issuer, [seq])]);
    const ours = held.get(seq);
    return jws === undefined || ours === undefined ? undefined : hashEntry(jws) === ours;
  }
}
