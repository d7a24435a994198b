import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';

/** How far a stream of this node has been read or written. */
export interface StreamPlace {
  /** Creation time of the stream: another epoch is another stream. */
  readonly epoch: string;
  /** Sequence number in the stream. */
  readonly streamSeq: number;
  /** Position in the log, for streams that carry entries; else 0. */
  readonly position: number;
}

/** Places reached in the node's own streams. */
@Injectable()
export class StreamCursor {
  constructor(private readonly dataSource: DataSource) {}

  async read(stream: string): Promise<StreamPlace | undefined> {
    const [row] = await this.dataSource.query<{ epoch: string; stream_seq: string; position: string }[]>(
      'SELECT epoch, stream_seq, position FROM stream_cursor WHERE stream = $1', [stream],
    );
    return row && { epoch: row.epoch, streamSeq: Number(row.stream_seq), position: Number(row.position) };
  }

  async move(stream: string, { epoch, streamSeq, position }: StreamPlace, tx: Transaction | DataSource = this.dataSource): Promise<void> {
    await tx.query(
      `INSERT INTO stream_cursor (stream, epoch, stream_seq, position) VALUES ($1, $2, $3, $4)
       ON CONFLICT (stream) DO UPDATE SET epoch = excluded.epoch, stream_seq = excluded.stream_seq, position = excluded.position`,
      [stream, epoch, streamSeq, position],
    );
  }
}
