import { Cast, playStory, summarise } from '@kula/testing-story';
import { readArguments, USAGE, type DemoArguments } from './arguments.js';
import { consoleTeller } from './console-teller.js';
import { removeDemoFolder, runningNetwork, startDemoNetwork, TITLE_WIDTH, type DemoNetwork } from './demo-network.js';
import { printAddresses, printSummary } from './farewell.js';
import { progress } from './progress.js';

const write = (line: string) => void process.stdout.write(`${line}\n`);

async function printToken(name: string): Promise<void> {
  const { dataset, nodes } = runningNetwork();
  write(await new Cast(dataset, nodes).actor(name).client.bearer());
}

/** Plays the story on a started network. Answers whether every node ended up knowing the same. */
async function play({ network, nodes, dataset, startedAt, goesOn }: DemoNetwork, stayUp: boolean): Promise<boolean> {
  network.watch();
  if (goesOn) write('An earlier start left a network behind: the story goes on there (--fresh begins anew).');
  write(dataset.about);
  const stage = await playStory({ dataset, nodes, startedAt, teller: consoleTeller((text) => void process.stdout.write(text), TITLE_WIDTH) });
  const { knowledge, chains } = await summarise(stage);
  const isEqual = printSummary(knowledge, chains, write);
  if (stayUp) printAddresses(stage, write);
  return isEqual;
}

async function run(args: DemoArguments): Promise<number> {
  if (args.token !== null) {
    await printToken(args.token);
    return 0;
  }
  let started: DemoNetwork | undefined;
  let isStopping = false;
  const stopped = new Promise<number>((resolve) => {
    const stop = () => { isStopping = true; resolve(0); };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  });
  try {
    const network = await progress('Starting three nodes, each with its own Postgres, nats-server and services', () => startDemoNetwork(args, () => undefined));
    started = network;
    const told = play(network, !args.exitAtEnd).then(async (isEqual) => (args.exitAtEnd || !isEqual ? Number(!isEqual) : stopped));
    return await Promise.race([told, stopped]);
  } catch (error) {
    if (isStopping) return 0;
    throw error;
  } finally {
    if (started !== undefined) await progress('\nStopping', () => started?.network.stop() ?? Promise.resolve());
    removeDemoFolder(args);
  }
}

try {
  process.exit(await run(readArguments(process.argv.slice(2))));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(1);
}
