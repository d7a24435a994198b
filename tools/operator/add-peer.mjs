/**
 * Lets a peer in: npm run node:peer -- --dir ./node --card south-card.json
 *
 * Adds it to peers.json, by which the running federation service lets it read our log and reads its log; --remove takes it out again.
 * Prints our own card, which the operator of the peer does the same with. Without a peer it prints the card alone.
 * Exit 0: done. Exit 1: refused, nothing written, the reason on standard error.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { main, SetupError } from '../bootstrap/progress.mjs';
import { prepareLibraries } from './libraries.mjs';
import { textOf } from './private-files.mjs';

const USAGE = `usage: npm run node:peer -- --dir FOLDER --card FILE [--name NAME]
       npm run node:peer -- --dir FOLDER --node-id ID --public-nkey KEY --nats-url URL [--tls-ca FILE] [--name NAME]
       npm run node:peer -- --dir FOLDER --remove PEER
       npm run node:peer -- --dir FOLDER                     prints the card of this node

  --card FILE      card.json of the peer, as its operator sent it
  --node-id ID     or what is written there, one by one
  --public-nkey KEY
  --nats-url URL
  --tls-ca FILE    the certificate its nats-server shows, PEM, where no public authority has signed it
  --name NAME      what people read, where the card's own name does not do
  --remove PEER    node id or name of a peer that is one no longer`;

const TEXT = { type: 'string' };
const OPTIONS = {
  dir: TEXT, card: TEXT, 'node-id': TEXT, 'public-nkey': TEXT, 'nats-url': TEXT, 'tls-ca': TEXT, name: TEXT, remove: TEXT, help: { type: 'boolean', default: false },
};

function optionsOf(argv) {
  try {
    return parseArgs({ args: argv, options: OPTIONS }).values;
  } catch (error) {
    throw new SetupError(`${error.message}\n\n${USAGE}`);
  }
}

function cardIn(file) {
  try {
    return JSON.parse(textOf(file));
  } catch (error) {
    throw error instanceof SyntaxError ? new SetupError(`${file} is no card: it is not JSON.`) : error;
  }
}

/** What was said about the peer, by card or one by one; undefined where nothing was. */
function sayingsOf({ card, name, 'node-id': nodeId, 'public-nkey': publicNkey, 'nats-url': natsUrl, 'tls-ca': tlsFile }) {
  const single = Object.entries({ nodeId, publicNkey, natsUrl, tlsCa: tlsFile === undefined ? undefined : textOf(tlsFile) }).filter(([, value]) => value !== undefined);
  if (card !== undefined && single.length > 0) throw new SetupError(`Name the peer by --card or one by one, not both.\n\n${USAGE}`);
  if (card === undefined && single.length === 0) return undefined;
  return { ...(card === undefined ? Object.fromEntries(single) : cardIn(card)), ...(name !== undefined && { name }) };
}

/** What changes, as words and as a function of the node; undefined where nothing does. */
async function changeOf(options) {
  const sayings = sayingsOf(options);
  if (options.remove !== undefined && sayings !== undefined) throw new SetupError(`Add a peer or remove one, not both at once.\n\n${USAGE}`);
  if (options.remove === undefined && sayings === undefined) return undefined;
  const { admitted, dismissed } = await import('./peers.mjs');
  return sayings === undefined
    ? { words: 'is no peer of', apply: (node) => dismissed(node, options.remove) }
    : { words: 'is a peer of', apply: (node) => admitted(node, sayings) };
}

await main(async () => {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  if (options.dir === undefined) throw new SetupError(`--dir is missing.\n\n${USAGE}`);
  await prepareLibraries();
  const change = await changeOf(options);
  const { ownCard, readNode, saveNode } = await import('./node-folder.mjs');
  const folder = resolve(options.dir);
  const card = ownCard(folder);
  if (change !== undefined) {
    const { node, peer } = change.apply(readNode(folder));
    saveNode(folder, node);
    console.error(`${peer.name} (${peer.nodeId}) ${change.words} ${node.name} now. A node that runs sees it by itself within seconds.\n`);
  }
  console.error('The card of this node, for the operator of the peer:');
  console.log(JSON.stringify(card));
});
