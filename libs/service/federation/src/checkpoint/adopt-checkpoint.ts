import { Injectable, Logger } from '@nestjs/common';
import { BATCH_ENTRIES_MAX, hashEntry, type OpenedEntry } from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { AcceptArrivals } from '../link/accept-arrivals.js';
import { CheckpointAdopter } from '../link/checkpoint-adopter.js';
import { IssuerAdmission } from '../link/issuer-admission.js';
import { IssuerFrozenError } from '../link/link.errors.js';
import type { PeerSession } from '../link/peer-session.js';
import { Turns } from '../link/turns.js';
import { LogClosedError } from '../log/log-gate.js';
import { OwnNode } from '../own-node.js';
import { checkpointClaimed } from './entry-claim.js';
import { SnapshotFetch } from './snapshot-fetch.js';
import { SnapshotRecords } from './snapshot-records.js';
import { StoreSnapshot, type GivenSnapshot, type SnapshotOutcome } from './store-snapshot.js';

const utf8 = new TextEncoder();

/** Begins a log with a checkpoint and what is live before it, in place of entries that are kept no longer or need not be read. */
@Injectable()
export class AdoptCheckpoint extends CheckpointAdopter {
  private readonly logger = new Logger(AdoptCheckpoint.name);
  /** One at a time: each is held in memory as a whole. */
  private readonly turns = new Turns();

  constructor(
    private readonly own: OwnNode, private readonly admission: IssuerAdmission, private readonly fetch: SnapshotFetch, private readonly storeSnapshot: StoreSnapshot,
    private readonly records: SnapshotRecords, private readonly acceptArrivals: AcceptArrivals, private readonly unitOfWork: UnitOfWork,
  ) {
    super();
  }

  /** @throws IssuerFrozenError where the issuer has contradicted itself; LogClosedError. */
  override async adopt(issuer: string, checkpointJws: string, session: PeerSession): Promise<boolean> {
    return this.turns.take(() => this.attempt(issuer, checkpointJws, session));
  }

  private async attempt(issuer: string, checkpointJws: string, session: PeerSession): Promise<boolean> {
    const claimed = checkpointClaimed(checkpointJws);
    if (claimed === undefined || (issuer !== this.own.nodeId && this.admission.hindranceOf(issuer) !== undefined)) return false;
    if (await this.records.checkpoints.stateOf(issuer, { seq: claimed.seq, hash: hashEntry(checkpointJws) }) === 'refused') return false;
    const peer = session.peer.nodeId;
    try {
      const entries = await this.fetch.handle(session, issuer, claimed);
      const given = { peer, issuer, checkpoint: checkpointJws, entries };
      return await this.settle(given, claimed, await this.storeSnapshot.handle(given));
    } catch (error) {
      if (error instanceof IssuerFrozenError || error instanceof LogClosedError) throw error;
      this.logger.warn(`the snapshot of ${issuer} at ${claimed.seq} is not had from ${session.peer.name}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  private async settle(given: GivenSnapshot, { seq }: { readonly seq: number }, result: SnapshotOutcome): Promise<boolean> {
    const { issuer, peer } = given;
    if (result.outcome === 'adopted') this.logger.log(`the log of ${issuer} goes on from its checkpoint ${seq}, given by ${peer} with ${given.entries.length} entries; ${result.stored} are new`);
    if (result.outcome === 'refused') await this.refuse(given, seq, result);
    if (result.outcome === 'contradicts') await this.show(given, result.shown);
    return result.outcome === 'adopted' || (result.outcome === 'passed' && issuer !== this.own.nodeId);
  }

  /** Records what does not hold: against the peer, and against the issuer where its own signature is under it. */
  private async refuse({ issuer, peer, checkpoint }: GivenSnapshot, seq: number, { refusal, isFaultOfIssuer }: Extract<SnapshotOutcome, { readonly outcome: 'refused' }>): Promise<void> {
    const { refused: code, detail } = refusal;
    await this.unitOfWork.run(async (tx) => {
      await this.records.links.record({ peer, stored: 0, refused: [{ code, detail, issuer, streamSeq: null, bytes: utf8.encode(checkpoint) }] }, tx);
      if (!isFaultOfIssuer) return;
      await this.records.checkpoints.keep({ issuer, seq, hash: hashEntry(checkpoint), liveCount: 0, state: 'refused', code, detail, shownBy: peer }, tx);
    });
    this.logger.error(`the snapshot of ${issuer} at ${seq}, given by ${peer}, is refused: ${code}: ${detail}`);
  }

  /** Shows the contradicting entries to whoever judges arrivals, as if they had come one by one. */
  private async show({ issuer, peer }: GivenSnapshot, shown: readonly OpenedEntry[]): Promise<void> {
    const first = shown[0]?.payload.seq ?? 0;
    const run = shown.filter(({ payload }, index) => payload.seq === first + index).slice(0, BATCH_ENTRIES_MAX);
    this.logger.warn(`the snapshot of ${issuer} contradicts what is held of it at or before ${first}`);
    await this.acceptArrivals.handle({ peer, issuer, arrivals: run.map(({ jws }) => ({ jws, streamSeq: null })), isRecovery: issuer === this.own.nodeId });
  }
}
