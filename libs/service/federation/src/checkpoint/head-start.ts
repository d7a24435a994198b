import { Injectable, Logger } from '@nestjs/common';
import type { LinkView } from '@kula/contracts';
import type { Head } from '@kula/kernel-federation-log';
import { AskHeads } from '../heads/ask-heads.js';
import { Backfill } from '../link/backfill.js';
import { IssuerFrozenError } from '../link/link.errors.js';
import type { PeerSession } from '../link/peer-session.js';
import { EntryLog } from '../log/entry-log.js';
import { LogClosedError } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { PeerDirectory } from '../peers/peer-directory.js';

/** Entries of a log from which on a newcomer looks for a checkpoint before it reads all of them. */
const LONG_LOG = 5_000;

/** Lets a node that holds nothing of a long log begin with a checkpoint, before it reads the stream of a peer. */
@Injectable()
export class HeadStart {
  private readonly logger = new Logger(HeadStart.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly peers: PeerDirectory, private readonly askHeads: AskHeads, private readonly backfill: Backfill,
  ) {}

  /** Where it comes to nothing, the stream brings everything. @throws IssuerFrozenError, LogClosedError. */
  async handle(session: PeerSession, { head, view }: { readonly head: Head | null; readonly view: LinkView }): Promise<void> {
    for (const [issuer, seq] of await this.offered(session, head, view)) {
      if (seq <= LONG_LOG || issuer === this.own.nodeId || this.peers.standingOf(issuer) !== 'admitted') continue;
      if ((await this.log.issuerLog(issuer)).head === undefined) await this.begin(issuer, session);
    }
  }

  /** Last entries of the logs that the stream will bring. */
  private async offered(session: PeerSession, head: Head | null, view: LinkView): Promise<(readonly [issuer: string, seq: number])[]> {
    const own: (readonly [string, number])[] = head === null ? [] : [[session.peer.nodeId, head.seq]];
    if (view === 'own') return own;
    try {
      return Object.entries(await this.askHeads.handle(session)).map(([issuer, [seq]]) => [issuer, seq] as const);
    } catch {
      // The signature is checked with the peer's own log, which a newcomer does not hold yet.
      return own;
    }
  }

  private async begin(issuer: string, session: PeerSession): Promise<void> {
    try {
      await this.backfill.begin(issuer, session);
    } catch (error) {
      if (error instanceof LogClosedError || (error instanceof IssuerFrozenError && issuer === session.peer.nodeId)) throw error;
      this.logger.warn(`the log of ${issuer} is read from its first entry: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
