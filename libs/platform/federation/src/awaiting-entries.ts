import { Injectable } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import { DomainError } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';

/** Entries of one issuer that may wait for their cause at a time: a peer cannot fill the disk with causes that never come. */
const WAITING_MAX = 10_000;

/**
 * Thrown by a handler when an entry speaks of something not yet known here: entries of different issuers arrive in any order.
 *
 * The entry is kept and applied when its cause arrives. `awaited` names the cause, as `FederationInbox.resume` is told.
 */
export class AwaitsCause extends Error {
  override readonly name = 'AwaitsCause';

  constructor(readonly awaited: string) {
    super(`waits for ${awaited}`);
  }
}

/** The issuer has too many entries waiting for causes that do not come. */
export class TooManyWaitingError extends DomainError<'federation.too_many_waiting'> {
  override readonly name = 'TooManyWaitingError';
  readonly code = 'federation.too_many_waiting';
}

/** Keeps entries that came before their cause. */
@Injectable()
export class AwaitingEntries {
  /** Keeps an entry until its cause arrives. Answers the refusal where its issuer has 10,000 waiting already. */
  async keep(consumer: string, entry: AppliedEntry, cause: string, tx: Transaction): Promise<TooManyWaitingError | null> {
    const [waiting] = await tx.query<{ count: string }[]>('SELECT count(*) AS count FROM awaiting_entry WHERE consumer = $1 AND issuer = $2', [consumer, entry.issuer]);
    if (Number(waiting?.count) >= WAITING_MAX) return new TooManyWaitingError(`node ${entry.issuer} has ${WAITING_MAX} entries waiting here`);
    await tx.query(
      'INSERT INTO awaiting_entry (consumer, issuer, seq, cause, entry) VALUES ($1, $2, $3, $4, $5)', [consumer, entry.issuer, entry.seq, cause, JSON.stringify(entry)],
    );
    return null;
  }

  /** Changes what an entry waits for. One that somebody else took out meanwhile stays out. */
  async redirect(consumer: string, { issuer, seq }: AppliedEntry, cause: string, tx: Transaction): Promise<void> {
    await tx.query('UPDATE awaiting_entry SET cause = $4 WHERE consumer = $1 AND issuer = $2 AND seq = $3', [consumer, issuer, seq, cause]);
  }

  /** Lets everything that waits for one of some causes wait for another cause. */
  async join(consumer: string, causes: readonly string[], cause: string, tx: Transaction): Promise<void> {
    await tx.query('UPDATE awaiting_entry SET cause = $3 WHERE consumer = $1 AND cause = ANY ($2)', [consumer, causes, cause]);
  }

  /** What an entry waits for, or undefined where it does not wait. */
  async causeOf(consumer: string, { issuer, seq }: AppliedEntry, tx: Transaction): Promise<string | undefined> {
    const [row] = await tx.query<{ cause: string }[]>('SELECT cause FROM awaiting_entry WHERE consumer = $1 AND issuer = $2 AND seq = $3', [consumer, issuer, seq]);
    return row?.cause;
  }

  /** Entries that wait for a cause, in order per issuer. */
  async waitingFor(consumer: string, cause: string, tx: Transaction): Promise<AppliedEntry[]> {
    const rows = await tx.query<{ entry: AppliedEntry }[]>('SELECT entry FROM awaiting_entry WHERE consumer = $1 AND cause = $2 ORDER BY issuer, seq', [consumer, cause]);
    return rows.map(({ entry }) => entry);
  }

  /** Takes an entry out. False where somebody else did. */
  async take(consumer: string, entry: AppliedEntry, tx: Transaction): Promise<boolean> {
    const rows = await tx.query<[unknown[], number]>('DELETE FROM awaiting_entry WHERE consumer = $1 AND issuer = $2 AND seq = $3 RETURNING seq', [consumer, entry.issuer, entry.seq]);
    return rows[1] === 1;
  }
}
