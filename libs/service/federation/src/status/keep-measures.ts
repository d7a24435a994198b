import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '@kula/platform-persistence';
import { RepeatingTask } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import type { Duty } from '../activity/duty.js';

const EVERY_MS = 2_000;
/** Entries that are added to the tally at once. */
const ENTRIES_MAX = 20_000;

/** What peers say of their own logs beside what is held of them. */
const LACKING = `
  SELECT said.peer, said.seq AS said, said.said_at, coalesce(held.seq, 0) AS held
  FROM peer_head AS said LEFT JOIN issuer_head AS held ON held.issuer = said.issuer WHERE said.peer = said.issuer AND said.seq > coalesce(held.seq, 0)`;

/** Keeps what cannot be seen in the log at a glance: since when something is lacking, and how much each issuer has brought. */
@Injectable()
export class KeepMeasures implements Duty {
  private readonly logger = new Logger(KeepMeasures.name);
  private task: RepeatingTask | undefined;

  constructor(private readonly dataSource: DataSource, private readonly unitOfWork: UnitOfWork) {}

  start(): void {
    this.task = new RepeatingTask('keeping measures', () => this.keep(), { pauseMs: EVERY_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task?.stop();
  }

  /** Answers whether there is more to count. */
  private async keep(): Promise<boolean> {
    await this.noteLags();
    return this.countNext();
  }

  /** An entry that is awaited stays the mark until it is here: what the peer says after it does not make the lag younger. */
  private async noteLags(): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await tx.query(`DELETE FROM peer_lag WHERE NOT EXISTS (SELECT FROM (${LACKING}) AS lacking WHERE lacking.peer = peer_lag.peer AND lacking.held < awaited_seq)`);
      await tx.query(`INSERT INTO peer_lag (peer, awaited_seq, since) SELECT peer, said, said_at FROM (${LACKING}) AS lacking ON CONFLICT (peer) DO NOTHING`);
    });
  }

  private async countNext(): Promise<boolean> {
    const [tail] = await this.dataSource.query<{ tail: string }[]>('SELECT coalesce(max(position), 0) AS tail FROM entry');
    return this.unitOfWork.run(async (tx) => {
      const [reach] = await tx.query<{ position: string }[]>('SELECT position FROM tally_reach FOR UPDATE');
      const [from, last] = [Number(reach?.position ?? 0), Number(tail?.tail ?? 0)];
      const to = Math.min(last, from + ENTRIES_MAX);
      if (to <= from) return false;
      await tx.query(
        `INSERT INTO issuer_tally (issuer, entries, bytes)
         SELECT issuer, count(*), sum(octet_length(jws)) FROM entry WHERE position > $1 AND position <= $2 GROUP BY issuer
         ON CONFLICT (issuer) DO UPDATE SET entries = issuer_tally.entries + excluded.entries, bytes = issuer_tally.bytes + excluded.bytes`, [from, to],
      );
      await tx.query('UPDATE tally_reach SET position = $1', [to]);
      return to < last;
    });
  }
}
