import { contracts } from '@kula/testing-story';
import { Client } from 'pg';
import { listingNumber, memberOf, withNetwork } from '../bench-network.js';
import { durationsOf, milliseconds, short, spread, type Measured } from '../measure.js';

const READS = 2_000;
const WRITES = 150;
const LANES = 20;

/** Gateway to database and back: a read and a write through HTTP, NATS, the service and Postgres. */
export async function gateway(): Promise<Measured> {
  return withNetwork(async (network) => {
    const { client, wallet } = await memberOf(network);
    const read = async () => { await client.get(`/v1/participants/${wallet.did}`, contracts.identity.getParticipant); };
    await durationsOf(200, 4, read);
    const alone = spread(await durationsOf(300, 1, read));
    const from = performance.now();
    const crowded = spread(await durationsOf(READS, LANES, read));
    const perSecond = READS / ((performance.now() - from) / 1000);
    const written = spread(await durationsOf(WRITES, 1, async (index) => {
      const listing = listingNumber(index);
      await client.post('/v1/listings', listing, listing.reference, contracts.matching.publishListing);
    }));
    const raw = await rawQuery(network.node('north').databaseUrl('identity'));
    return {
      name: 'gateway',
      rows: [
        { what: 'read of one participant, one at a time', figure: `p50 ${milliseconds(alone.p50)}, p99 ${milliseconds(alone.p99)}`, against: `${short(alone.p50 / raw)} × one SELECT over pg (${milliseconds(raw)})` },
        { what: `the same, ${LANES} at a time`, figure: `${short(perSecond)} a second, p50 ${milliseconds(crowded.p50)}, p99 ${milliseconds(crowded.p99)}`, against: '' },
        { what: 'publishing a listing (state, event, draft and idempotency record, durable)', figure: `p50 ${milliseconds(written.p50)}, p99 ${milliseconds(written.p99)}`, against: '' },
      ],
      numbers: { readP50Ms: alone.p50, readP99Ms: alone.p99, readsPerSecond: perSecond, writeP50Ms: written.p50, writeP99Ms: written.p99, selectP50Ms: raw },
    };
  });
}

/** Median of a bare SELECT over one connection: the limit. */
async function rawQuery(url: string): Promise<number> {
  const database = new Client({ connectionString: url });
  await database.connect();
  try {
    const query = async () => { await database.query('SELECT 1'); };
    await durationsOf(200, 1, query);
    return spread(await durationsOf(500, 1, query)).p50;
  } finally {
    await database.end();
  }
}
