import { Injectable } from '@nestjs/common';
import { equivocationProven } from '@kula/contracts';
import { DataSource } from 'typeorm';
import { EntryLog } from '../log/entry-log.js';
import { StreamCursor } from '../log/stream-cursor.js';
import { LogReader } from '../publishing/log-reader.js';
import { payloadIn } from '../recovery/payload-in.js';
import { AwaitedProofs } from './awaited-proofs.js';
import { EquivocationRepository } from './equivocation.repository.js';
import { KeepAccusation, type Accusation } from './keep-accusation.js';

/** Name under which the place reached in the log is kept. */
const READER = 'PROOFS';
const ENTRIES_MAX = 50;
const ASK_AGAIN_MS = 5_000;

interface Row { position: string; issuer: string; seq: string; jws: string }

/** Reads the log for what others have found, each entry once: effect and place commit together. */
@Injectable()
export class TakeInProofs extends LogReader {
  private askAgainAt = 0;

  constructor(
    log: EntryLog, private readonly dataSource: DataSource, private readonly cursor: StreamCursor,
    private readonly keepAccusation: KeepAccusation, private readonly awaited: AwaitedProofs, private readonly equivocations: EquivocationRepository,
  ) {
    super(log, 'taking in proofs');
  }

  protected override forget(): void {
    this.askAgainAt = 0;
  }

  protected override async copyBatch(): Promise<boolean> {
    const hasMore = await this.readOn();
    await this.equivocations.applyToNewIssuers();
    if (performance.now() >= this.askAgainAt) {
      await this.awaited.askAgain();
      this.askAgainAt = performance.now() + ASK_AGAIN_MS;
    }
    return hasMore;
  }

  private async readOn(): Promise<boolean> {
    const [reached, tail] = await Promise.all([this.cursor.read(READER), this.log.tail()]);
    const from = reached?.position ?? 0;
    if (tail <= from) return false;
    const rows = await this.dataSource.query<Row[]>(
      `SELECT position, issuer, seq, jws FROM entry WHERE position > $1 AND position <= $2 AND topic = $3 AND type = $4 ORDER BY position LIMIT ${ENTRIES_MAX}`,
      [from, tail, equivocationProven.topic, equivocationProven.type],
    );
    for (const row of rows) await this.take(row);
    if (rows.length === ENTRIES_MAX) return true;
    await this.cursor.move(READER, placeAt(tail));
    return false;
  }

  private async take({ position, ...row }: Row): Promise<void> {
    const place = placeAt(Number(position));
    const accusation = this.accusationIn(row);
    await this.keepAccusation.handle(accusation, async (outcome, tx) => {
      if (outcome === 'awaited') await this.awaited.add(accusation, tx);
      await this.cursor.move(READER, place, tx);
    });
  }

  /** What an entry accuses somebody of: own ones too, for after a restore they may be all that is left of what was found. One without the form accuses with nothing, which does not hold. */
  private accusationIn({ issuer: finder, seq, jws }: Omit<Row, 'position'>): Accusation {
    const { sub, body } = payloadIn(jws);
    const parsed = equivocationProven.body.safeParse(body);
    return parsed.success ? { finder, seq: Number(seq), accused: parsed.data.accused, proof: parsed.data.proof } : { finder, seq: Number(seq), accused: sub, proof: {} };
  }
}

const placeAt = (position: number) => ({ epoch: 'entries', streamSeq: position, position });
