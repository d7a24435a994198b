import { Injectable } from '@nestjs/common';
import { logCheckpoint } from '@kula/contracts';
import { confirmCheckpoint, type Checkpoint, type CheckpointRefusal, type Head } from '@kula/kernel-federation-log';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { EntryLog } from '../log/entry-log.js';
import { StreamCursor } from '../log/stream-cursor.js';
import { LogReader } from '../publishing/log-reader.js';
import { CheckpointRepository, type JudgedCheckpoint } from './checkpoint.repository.js';
import { LogItems } from './log-items.js';
import { readStoredCheckpoint } from './read-stored-checkpoint.js';

/** Name under which the place reached in the log is kept. */
const READER = 'CHECKPOINTS';
const ENTRIES_MAX = 50;
/** Live entries that are gone through again for every entry since the checkpoint before. */
const LIVE_PER_ENTRY_MAX = 20;
const OFTEN_MS = 3_600_000;

interface Row { position: string; issuer: string; seq: string; hash: string; jws: string }

/**
 * Goes over every checkpoint that has come to be held, own ones included, with the log itself: true or false, it is noted.
 *
 * Who holds the entries is the only one that can notice what an issuer leaves out. A checkpoint that is false stays in the
 * log, and nothing is done by it. One that comes too soon after the one before, or behind which a newer one is held
 * already, is passed over: it is not used either.
 */
@Injectable()
export class ConfirmCheckpoints extends LogReader {
  constructor(
    log: EntryLog, private readonly dataSource: DataSource, private readonly cursor: StreamCursor, private readonly items: LogItems,
    private readonly checkpoints: CheckpointRepository, private readonly unitOfWork: UnitOfWork, private readonly clock: Clock,
  ) {
    super(log, 'confirming checkpoints');
  }

  protected override forget(): void {
    // The place is read anew each time.
  }

  protected override async copyBatch(): Promise<boolean> {
    const [reached, tail] = await Promise.all([this.cursor.read(READER), this.log.tail()]);
    const from = reached?.position ?? 0;
    if (tail <= from) return false;
    const rows = await this.dataSource.query<Row[]>(
      `SELECT position, issuer, seq, hash, jws FROM entry WHERE topic = $3 AND type = $4 AND position > $1 AND position <= $2 ORDER BY position LIMIT ${ENTRIES_MAX}`,
      [from, tail, logCheckpoint.topic, logCheckpoint.type],
    );
    for (const row of rows) await this.take(row);
    if (rows.length === ENTRIES_MAX) return true;
    await this.cursor.move(READER, placeAt(tail));
    return false;
  }

  private async take({ position, issuer, hash, jws, ...row }: Row): Promise<void> {
    const place = placeAt(Number(position));
    const seq = Number(row.seq);
    if (await this.isPassedOver(issuer, { seq, hash })) return this.cursor.move(READER, place);
    const checkpoint = readStoredCheckpoint({ hash, jws });
    const finding = checkpoint === undefined ? MALFORMED : await this.judge(checkpoint);
    await this.unitOfWork.run(async (tx) => {
      const judged = { issuer, seq, hash, liveCount: checkpoint?.liveCount ?? 0, shownBy: null };
      if ('refused' in finding) await this.checkpoints.keep({ ...judged, state: 'refused', code: finding.refused, detail: finding.detail }, tx);
      else await this.confirm({ ...judged, dead: finding.dead }, tx);
      await this.cursor.move(READER, place, tx);
    });
    if ('refused' in finding) this.logger.error(`checkpoint ${seq} of ${issuer} is refused: ${finding.refused}: ${finding.detail}`);
    else this.logger.log(`checkpoint ${seq} of ${issuer} is true: ${checkpoint?.liveCount} entries before it are live, ${finding.dead.length} more are dead`);
  }

  private async judge(checkpoint: Checkpoint): Promise<CheckpointRefusal | { readonly dead: readonly number[] }> {
    const items = await this.items.between(checkpoint.issuer, 1, checkpoint.seq);
    const live = confirmCheckpoint(checkpoint, items);
    if ('refused' in live) return live;
    const alive = new Set(live);
    return { dead: items.filter((item) => !alive.has(item)).map(({ seq }) => seq) };
  }

  private async confirm(
    { dead, ...judged }: Pick<JudgedCheckpoint, 'issuer' | 'seq' | 'hash' | 'liveCount' | 'shownBy'> & { readonly dead: readonly number[] },
    tx: Transaction,
  ): Promise<void> {
    await this.checkpoints.keep({ ...judged, state: 'confirmed', code: null, detail: null }, tx);
    await this.items.bury(judged.issuer, dead, judged.seq, tx);
  }

  /** Judging costs what lives, whatever has been added: an issuer must not be able to have it done with every entry. */
  private async isPassedOver(issuer: string, { seq, hash }: Head): Promise<boolean> {
    if (await this.checkpoints.stateOf(issuer, { seq, hash }) !== undefined || await this.hasNewer(issuer, seq)) return true;
    const last = await this.checkpoints.last(issuer);
    if (last === undefined || this.clock.now().getTime() - last.judgedAt.getTime() >= OFTEN_MS) return false;
    return (seq - last.seq) * LIVE_PER_ENTRY_MAX < last.liveCount;
  }

  private async hasNewer(issuer: string, seq: number): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      'SELECT 1 FROM entry WHERE issuer = $1 AND seq > $2 AND topic = $3 AND type = $4 LIMIT 1', [issuer, seq, logCheckpoint.topic, logCheckpoint.type],
    );
    return rows.length > 0;
  }
}

const MALFORMED: CheckpointRefusal = { refused: 'checkpoint.malformed', detail: 'the entry is not a checkpoint with the count and the digest of what is live' };

const placeAt = (position: number) => ({ epoch: 'entries', streamSeq: position, position });
