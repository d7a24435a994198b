/**
 * Makes a new node: npm run node:init -- --dir ./node --name "Northport" --domain north.example --gateway-url https://north.example
 *
 * Writes keys, passwords and configuration to a folder that is not there yet, and says what to do next.
 * Exit 0: made. Exit 1: refused, nothing written, the reason on standard error.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { main, SetupError } from '../bootstrap/progress.mjs';
import { prepareLibraries } from './libraries.mjs';
import { shortPath } from './private-files.mjs';

const USAGE = `usage: npm run node:init -- --dir FOLDER --name NAME --domain DOMAIN --gateway-url URL [options]

  --dir FOLDER        where the node is kept; it must not be there yet
  --name NAME         what people read: "Northport"
  --domain DOMAIN     what the node is called for ever: north.example
  --gateway-url URL   where people and programs reach it: https://north.example, or http://localhost:8080 to try

  --tls made          peers connect with TLS and pin a certificate that is made here; they get it with the card (the default)
  --tls brought       peers connect with TLS; put cert.pem and key.pem, signed by a public authority, into FOLDER/link
  --tls none          peers connect without TLS, or something in front of the node does it
  --nats-url URL      where peers reach it (tls://nats.DOMAIN:4222, with --tls none nats://nats.DOMAIN:4222)
  --nats-host HOST    what its own services call the nats-server (nats.DOMAIN; on Kubernetes: nats)
  --nats-port PORT    port of this machine for peers (4222)
  --gateway-port PORT port of this machine for the gateway (the one in a plain http address, else 8080)
  --network NAME      the federation; the same at all its nodes (kula)`;

const TEXT = { type: 'string' };
const OPTIONS = {
  dir: TEXT, name: TEXT, domain: TEXT, 'gateway-url': TEXT, 'nats-url': TEXT, 'nats-host': TEXT, 'nats-port': { ...TEXT, default: '4222' },
  'gateway-port': TEXT, network: { ...TEXT, default: 'kula' }, tls: TEXT, help: { type: 'boolean', default: false },
};

function optionsOf(argv) {
  try {
    return parseArgs({ args: argv, options: OPTIONS }).values;
  } catch (error) {
    throw new SetupError(`${error.message}\n\n${USAGE}`);
  }
}

function checkGiven(options) {
  const missing = ['dir', 'name', 'domain', 'gateway-url'].filter((name) => options[name] === undefined);
  if (missing.length > 0) throw new SetupError(`${missing.map((name) => `--${name}`).join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing.\n\n${USAGE}`);
}

/** Where peers reach the node, and with which certificate: each follows from the other where it is not said. @throws SetupError where they contradict. */
function addressOf({ tls, domain, 'nats-url': given }) {
  const kind = tls ?? (given?.startsWith('nats:') ? 'none' : 'made');
  const natsUrl = given ?? `${kind === 'none' ? 'nats' : 'tls'}://nats.${domain}:4222`;
  if ((kind === 'none') === natsUrl.startsWith('tls:')) throw new SetupError('--nats-url and --tls contradict each other: a tls:// address goes with a certificate, a nats:// address with none.');
  return { tls: kind, natsUrl };
}

/** How peers reach the node, as far as there is something to do or to know. */
function linkNote(folder, { natsUrl, tls }) {
  if (tls === 'brought') return `Put the certificate for ${new URL(natsUrl).hostname} and its key into ${folder}/link as cert.pem and key.pem, readable by the owner of that folder.`;
  if (tls === 'made') return `Peers reach ${natsUrl} with TLS and pin the certificate in the card. It holds for ten years.`;
  return `Peers will reach ${natsUrl} without TLS: what they read is signed, but not secret on the way. Across the internet, make the node without --tls none.`;
}

/** The options as the description of a node. @throws SetupError naming each that is wrong and what it should be. */
async function descriptionOf(options) {
  const { domainName, gatewayAddress, plainLine } = await import('@kula/contracts');
  const { z } = await import('zod');
  const { gatewayListen } = await import('./compose-settings.mjs');
  const port = z.coerce.number('must be a port').int('must be a port').min(1, 'must be a port').max(65_535, 'must be a port');
  const parsed = z.object({
    name: plainLine, domain: domainName, 'gateway-url': gatewayAddress, 'nats-url': z.url({ protocol: /^(nats|tls)$/, error: 'must be a NATS address such as nats://nats.north.example:4222' }).optional(),
    'nats-host': domainName.optional(), 'nats-port': port, 'gateway-port': port.optional(),
    tls: z.enum(['made', 'brought', 'none'], 'must be made, brought or none').optional(),
    network: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'must be letters, digits, dots, colons and dashes'),
  }).safeParse(options);
  if (!parsed.success) {
    throw new SetupError(`Nothing was made:\n${parsed.error.issues.map(({ path, message }) => `  --${path.join('.')} ${JSON.stringify(options[path[0]])}: ${message}`).join('\n')}`);
  }
  const { name, domain, network, 'gateway-url': gatewayUrl, 'nats-port': natsPort, 'gateway-port': gatewayPort } = parsed.data;
  const { tls, natsUrl } = addressOf(parsed.data);
  const listen = gatewayListen(gatewayUrl);
  return {
    name, domain, network, gatewayUrl, natsUrl, tls, natsHost: parsed.data['nats-host'] ?? `nats.${domain}`, natsListen: `0.0.0.0:${natsPort}`,
    gatewayListen: gatewayPort === undefined ? listen : `${listen.split(':')[0]}:${gatewayPort}`,
  };
}

function farewell({ folder, description, made }) {
  const { name, domain, gatewayUrl } = description;
  return `${name} is made, in ${folder}. Its node id is ${made.nodeId}.

Write these two down now. They are shown this once.

  recovery key   ${made.recoveryKey}
                 proves that the node is yours when its own key is lost or stolen; it is kept nowhere else
  operator key   ${made.operatorKey}
                 signs you in as its operator; also in ${folder}/operator-wallet.json: move that file off this machine

Keep a copy of ${folder}/secrets apart from this machine: without node-key the node is gone for ever.

${linkNote(folder, description)}

Next:
  docker compose --env-file ${folder}/.env up -d --build     brings it up; the first time builds the images
  docker compose --env-file ${folder}/.env ps                everything should become healthy, init should have ended
  curl ${gatewayUrl.replace(/\/$/, '')}/readyz
  npm run node:peer -- --dir ${folder} --card THEIR-CARD.json     lets a peer in; give its operator ${folder}/card.json (${domain})`;
}

await main(async () => {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return;
  }
  checkGiven(options);
  await prepareLibraries();
  const description = await descriptionOf(options);
  const { layDownNode } = await import('./lay-down-node.mjs');
  const folder = resolve(options.dir);
  const made = layDownNode(folder, description);
  console.log(farewell({ folder: shortPath(folder), description, made }));
});
