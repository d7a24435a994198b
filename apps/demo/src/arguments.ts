import { parseArgs } from 'node:util';

/** What the demo was asked to do. */
export interface DemoArguments {
  readonly exitAtEnd: boolean;
  readonly fresh: boolean;
  /** Members of a generated market instead of the dataset, or null. */
  readonly market: number | null;
  readonly seed: number;
  readonly dataset: string | null;
  /** One process per service instead of one per node. */
  readonly processes: 'one' | 'each';
  /** Name of a member or cooperative to print a token for, or null. */
  readonly token: string | null;
}

export const USAGE = `npm start -- [options]      plays the story on three nodes and stays up until Ctrl-C
npm run demo -- [options]   the same on a fresh network, and exits at the end

  --market N       a generated market of N members instead of the dataset
  --seed S         seed of the generated market (default 1)
  --dataset FILE   another dataset, in the form of libs/testing/story/dataset/three-cooperatives.json
  --processes      one process per service instead of one per node
  --fresh          forget what an earlier npm start left behind
  --token NAME     print a bearer token for somebody of the running network, and exit
`;

const MARKET_MAX = 2_000;

function count(text: string | undefined, name: string, max: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`--${name} takes a whole number from 1 to ${max}, not ${text}`);
  return value;
}

/** Reads the command line. @throws Error in plain words. */
export function readArguments(argv: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    args: [...argv], strict: true, options: {
      exit: { type: 'boolean', default: false }, fresh: { type: 'boolean', default: false }, market: { type: 'string' }, seed: { type: 'string' },
      dataset: { type: 'string' }, processes: { type: 'boolean', default: false }, token: { type: 'string' },
    },
  });
  return {
    exitAtEnd: values.exit, fresh: values.fresh || values.exit, market: count(values.market, 'market', MARKET_MAX), seed: count(values.seed, 'seed', 2 ** 31) ?? 1,
    dataset: values.dataset ?? null, processes: values.processes ? 'each' : 'one', token: values.token ?? null,
  };
}
