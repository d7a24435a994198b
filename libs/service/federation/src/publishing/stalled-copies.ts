import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Copies of the log that stand still, and why: the status shows it. */
@Injectable()
export class StalledCopies {
  constructor(private readonly dataSource: DataSource) {}

  /** Notes why a copy stands still, or with null that it goes on. */
  async note(copy: string, reason: string | null): Promise<void> {
    if (reason === null) await this.dataSource.query('DELETE FROM stalled_copy WHERE copy = $1', [copy]);
    else await this.dataSource.query('INSERT INTO stalled_copy (copy, reason) VALUES ($1, $2) ON CONFLICT (copy) DO UPDATE SET reason = excluded.reason', [copy, reason]);
  }
}
