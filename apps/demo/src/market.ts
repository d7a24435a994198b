import { seededRandom } from '@kula/testing-fixtures';
import type { Dataset } from '@kula/testing-story';

/** Capabilities of a generated market, each with its one unit. */
const GOODS = [
  ['legal.advice', 'HOUR'], ['design.graphic', 'HOUR'], ['food.catering', 'PORTION'], ['food.flour', 'KGM'], ['food.fruit', 'KGM'], ['repair.bicycle', 'HOUR'],
  ['repair.electronics', 'HOUR'], ['craft.joinery', 'HOUR'], ['craft.sewing', 'HOUR'], ['transport.van', 'DAY'], ['transport.bicycle', 'DAY'], ['print.poster', 'PIECE'],
  ['space.meeting-room', 'DAY'], ['space.storage', 'DAY'], ['admin.bookkeeping', 'HOUR'], ['media.photography', 'HOUR'], ['teaching.language', 'HOUR'], ['care.garden', 'HOUR'],
  ['energy.firewood', 'KGM'], ['web.maintenance', 'HOUR'],
] as const;

const PLACES = [['north', 'harbour', 'Harbour Cooperative', 'Northport'], ['south', 'valley', 'Valley Cooperative', 'Southvale'], ['east', 'hill', 'Hill Cooperative', 'Easthill']] as const;

/** A market of n members over three cooperatives: each offers one or two things and needs one or two others. */
export function generateMarket(members: number, seed: number): Dataset {
  const random = seededRandom(seed);
  const listings: Dataset['listings'] = [];
  const everybody = Array.from({ length: members }, (_unused, index) => {
    const place = PLACES[index % PLACES.length] ?? PLACES[0];
    const key = `member-${index + 1}`;
    const first = random(GOODS.length);
    for (let i = 0; i < 1 + random(2); i += 1) listings.push(listing(key, 'offering', (first + i) % GOODS.length, 10 + random(30)));
    for (let i = 0; i < 1 + random(2); i += 1) listings.push(listing(key, 'need', (first + 2 + random(GOODS.length - 3)) % GOODS.length, 1 + random(9)));
    return { key, cooperative: place[1], name: `Member ${index + 1}` };
  });
  const amount = () => String(20 + random(180));
  return {
    about: `A generated market of ${members} members, seed ${seed}.`,
    cooperatives: PLACES.map(([node, key, name, place]) => ({ node, key, name, place })), members: everybody, listings, secondRound: [],
    agreement: {
      id: 'clearing-2026', title: 'Clearing arrangement of the generated market', text: 'Obligations between the three cooperatives are cleared together.',
      parties: PLACES.map(([, key]) => key), unit: 'HOUR', scale: 0, periodDays: 30,
    },
    obligations: [['harbour', 'valley'], ['valley', 'hill'], ['hill', 'harbour'], ['harbour', 'hill']].map(([debtor = '', creditor = '']) => ({
      id: `${debtor}-owes-${creditor}`, debtor, creditor, amount: amount(), reference: 'Generated',
    })),
    clearingRun: 'clearing-2026-first',
  };

  function listing(member: string, kind: 'offering' | 'need', good: number, quantity: number): Dataset['listings'][number] {
    const [capability, unit] = GOODS[good] ?? GOODS[0];
    const title = `${kind === 'offering' ? 'Surplus' : 'Wanted'}: ${capability.replaceAll('.', ', ').replaceAll('-', ' ')}`;
    return { member, kind, title, capability, amount: String(quantity), unit, delivery: 'onsite', visibility: 'network' };
  }
}
