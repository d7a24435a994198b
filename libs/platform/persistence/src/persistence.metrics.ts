import { gauge, type Collector } from '@kula/platform-runtime';
import type { DataSource } from 'typeorm';

export const OUTBOX_WAITING = gauge({ name: 'kula_outbox_waiting_messages', help: 'Messages that were written with a change of the service and are not published yet.' });

export const OUTBOX_OLDEST = gauge({ name: 'kula_outbox_oldest_seconds', help: 'Age of the oldest of the messages that are not published yet; 0 where there is none.' });

export const ENTRIES_AWAITING = gauge({ name: 'kula_awaiting_entries', help: 'Entries of nodes that wait in the service for the entry that they follow from.' });

export const AWAITING_OLDEST = gauge({ name: 'kula_awaiting_oldest_seconds', help: 'For how long the oldest of the entries that wait has been waiting; 0 where there is none.' });

export const ENTRIES_REFUSED = gauge({
  name: 'kula_refused_entries', help: 'Entries of nodes whose content the service has refused, by the code of the refusal.', labels: { code: 100 },
});

export const PERSISTENCE_METRICS = [OUTBOX_WAITING, OUTBOX_OLDEST, ENTRIES_AWAITING, AWAITING_OLDEST, ENTRIES_REFUSED] as const;

/** Refused entries are counted up to here: what a hostile node sends must not make every scrape read a large table. */
const REFUSED_MAX = 100_000;

const FRESH_MS = 5_000;

interface Row { waiting: string; oldest: number | null; awaiting: string; awaiting_oldest: number | null; refused: Readonly<Record<string, number>> | null }

/** What waits in the tables that every service has. */
export const persistenceCollector = (dataSource: DataSource): Collector => ({
  name: 'tables', of: PERSISTENCE_METRICS, freshMs: FRESH_MS,
  async read(show) {
    const [row] = await dataSource.query<Row[]>(`
      SELECT outbox.*, awaiting.*, (
        SELECT json_object_agg(code, count) FROM (SELECT code, count(*) AS count FROM (SELECT code FROM refused_entry LIMIT ${REFUSED_MAX}) AS counted GROUP BY code) AS by_code
      ) AS refused
      FROM (SELECT count(*) AS waiting, extract(epoch FROM now() - min(written_at))::float8 AS oldest FROM outbox_message WHERE published_at IS NULL) AS outbox,
        (SELECT count(*) AS awaiting, extract(epoch FROM now() - min(parked_at))::float8 AS awaiting_oldest FROM awaiting_entry) AS awaiting`);
    if (row === undefined) return;
    show(OUTBOX_WAITING, {}, Number(row.waiting));
    show(OUTBOX_OLDEST, {}, Math.max(0, row.oldest ?? 0));
    show(ENTRIES_AWAITING, {}, Number(row.awaiting));
    show(AWAITING_OLDEST, {}, Math.max(0, row.awaiting_oldest ?? 0));
    for (const [code, count] of Object.entries(row.refused ?? {})) show(ENTRIES_REFUSED, { code }, count);
  },
});
