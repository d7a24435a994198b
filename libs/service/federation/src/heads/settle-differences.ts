import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { compareHeads, hashEntry, type HeadVector, type LogRange } from '@kula/kernel-federation-log';
import { AcceptArrivals } from '../link/accept-arrivals.js';
import { Backfill } from '../link/backfill.js';
import { IssuerFrozenError, MissingEntriesError } from '../link/link.errors.js';
import type { PeerSession } from '../link/peer-session.js';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { PeerDirectory } from '../peers/peer-directory.js';
import { FindFork } from './find-fork.js';
import { HeadVectorRepository } from './head-vector.repository.js';

/** How long entries that are on their way already are given before they are fetched. */
const ON_THEIR_WAY_MS = 1_000;

/** Brings this node up to what a peer holds, and proves it where an issuer has shown the two of them different logs. */
@Injectable()
export class SettleDifferences {
  private readonly logger = new Logger(SettleDifferences.name);
  /** Splits that were looked into and froze nobody, by peer and issuer: the hash that the peer named. */
  private readonly settled = new Map<string, string>();

  constructor(
    private readonly own: OwnNode, private readonly peers: PeerDirectory, private readonly log: EntryLog, private readonly heads: HeadVectorRepository,
    private readonly backfill: Backfill, private readonly findFork: FindFork, private readonly acceptArrivals: AcceptArrivals,
  ) {}

  /** Compares and settles, one issuer after the other. What fails of one issuer is said in the log and left for the next time. */
  async handle(session: PeerSession, theirs: HeadVector, signal: AbortSignal): Promise<void> {
    const { behind, split } = await this.compare(theirs);
    for (const { issuer, at, theirs: hash } of split) {
      if (!signal.aborted) await this.attempt(issuer, () => this.prove(session, issuer, { at, hash }));
    }
    if (behind.length > 0) await pause(ON_THEIR_WAY_MS, undefined, { signal }).catch(() => undefined);
    for (const range of behind) {
      if (!signal.aborted) await this.attempt(range.issuer, () => this.fetch(session, range));
    }
  }

  /** What of other nodes' logs differs, of issuers that are admitted; of those that have contradicted themselves as far as they are agreed. */
  private async compare(vector: HeadVector) {
    const admitted = Object.entries(vector).filter(([issuer]) => issuer !== this.own.nodeId && this.peers.standingOf(issuer) === 'admitted');
    const { heads, agreedUpTo } = await this.heads.comparable(admitted.map(([issuer]) => issuer));
    const theirs: HeadVector = Object.fromEntries(admitted);
    const held = await this.heads.heldAt(theirs);
    const { behind, split } = compareHeads(heads, theirs, (issuer) => held.get(issuer));
    const agreed = (issuer: string) => agreedUpTo.get(issuer) ?? Infinity;
    return {
      behind: behind.filter(({ issuer, from }) => from <= agreed(issuer)).map((range) => ({ ...range, to: Math.min(range.to, agreed(range.issuer)) })),
      split: split.filter(({ issuer, at }) => at <= agreed(issuer)),
    };
  }

  /** Shows the peer's branch to whoever judges arrivals. @throws IssuerFrozenError where that proves a contradiction. */
  private async prove(session: PeerSession, issuer: string, { at, hash }: { readonly at: number; readonly hash: string }): Promise<void> {
    const peer = session.peer.nodeId;
    if (this.settled.get(`${peer} ${issuer}`) === hash) return;
    const fork = await this.findFork.handle(session, issuer, at);
    if (fork === undefined) return this.logger.warn(`${session.peer.name} names another entry ${at} of ${issuer} and does not show it`);
    await this.acceptArrivals.handle({ peer, issuer, arrivals: fork.entries.map((jws) => ({ jws, streamSeq: null })) });
    this.settled.set(`${peer} ${issuer}`, hash);
  }

  /** Fetches what is still missing; where the peer's log forks off below our head, proves that instead. */
  private async fetch(session: PeerSession, { issuer, to }: LogRange): Promise<void> {
    const { head } = await this.log.issuerLog(issuer);
    const from = (head?.seq ?? 0) + 1;
    if (from > to) return;
    if (head !== undefined) {
      const { entries: [theirs] } = await session.range({ issuer, from: head.seq, to: head.seq });
      if (theirs !== undefined && hashEntry(theirs) !== head.hash) return this.prove(session, issuer, { at: head.seq, hash: hashEntry(theirs) });
    }
    await this.backfill.fill(issuer, { from, to }, session);
  }

  private async attempt(issuer: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof IssuerFrozenError) && !(error instanceof MissingEntriesError)) throw error;
      this.logger.warn(`comparing what is held of ${issuer}: ${error.message}`);
    }
  }
}
