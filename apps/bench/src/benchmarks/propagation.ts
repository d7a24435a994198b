import { appliedEntry, listingPublished } from '@kula/contracts';
import { contracts } from '@kula/testing-story';
import { connect } from '@nats-io/transport-node';
import { listingNumber, memberOf, withNetwork } from '../bench-network.js';
import { durationsOf, milliseconds, short, spread, type Measured } from '../measure.js';

const ENTRIES = 100;
const BURST = 100;

/** Entry published to applied: from the answer of the publishing node to the entry being handed to the services of another one. */
export async function propagation(): Promise<Measured> {
  return withNetwork(async (network) => {
    const { client } = await memberOf(network);
    const connection = await connect(network.node('south').bus());
    const arrivals = new Map<string, (at: number) => void>();
    connection.subscribe('fedin.graph', { callback: (_error, message) => {
      const { body } = appliedEntry.parse(message.json());
      arrivals.get(listingPublished.body.parse(body).title)?.(performance.now());
    } });
    await connection.flush();
    const publish = async (index: number): Promise<number> => {
      const listing = listingNumber(index);
      const arrived = new Promise<number>((resolve) => { arrivals.set(`Offering ${index}`, resolve); });
      await client.post('/v1/listings', listing, listing.reference, contracts.matching.publishListing);
      const from = performance.now();
      return (await arrived) - from;
    };
    const latencies: number[] = [];
    await durationsOf(ENTRIES, 1, async (index) => { latencies.push(await publish(index)); });
    const from = performance.now();
    await durationsOf(BURST, 10, async (index) => { await publish(ENTRIES + index); });
    const perSecond = BURST / ((performance.now() - from) / 1000);
    const raw = spread(await durationsOf(500, 1, async () => { await connection.flush(); })).p50;
    await connection.close();
    const { p50, p99 } = spread(latencies);
    return {
      name: 'propagation',
      rows: [
        { what: 'listing answered at one node to entry applied at another (outbox, sealing, signing, pull, verification, two databases)', figure: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`, against: `round trip to nats-server ${milliseconds(raw)}` },
        { what: 'the same, ten at a time, REST included', figure: `${short(perSecond)} a second`, against: '' },
      ],
      numbers: { p50Ms: p50, p99Ms: p99, perSecond, natsRoundTripMs: raw },
    };
  });
}
