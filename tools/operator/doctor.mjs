/**
 * Looks a node over: node tools/operator/doctor.mjs --gateway http://localhost:8080 --key node/operator-wallet.json --dir ./node
 *
 * One line for each thing looked at, ✓ or ✗, and under each ✗ what to do. Nothing is changed.
 * Exit 0: all is well. Exit 1: something is not. Exit 2: the command was not understood.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { main } from '../bootstrap/progress.mjs';
import { folderChecks, logChecks, peerChecks, publicChecks, sizeChecks } from './doctor/checks.mjs';
import { Gateway } from './peers-cli/gateway.mjs';

const USAGE = `usage: npm run -s doctor -- [--gateway URL] [--key FILE | --token TOKEN] [--dir FOLDER] [--metrics URL]

  --gateway URL   the node (KULA_GATEWAY_URL, else http://localhost:8080)
  --key FILE      key file of the operator (KULA_OPERATOR_KEY_FILE): without it peers are not looked at one by one
  --token TOKEN   a session token in its place (KULA_TOKEN)
  --dir FOLDER    folder of the node, where it is on this machine: its certificate and its disk
  --metrics URL   address of its metrics, http://127.0.0.1:9464/metrics: the sizes of its streams`;

const TEXT = { type: 'string' };

function optionsOf(argv, env) {
  const { values } = parseArgs({ args: argv, options: { gateway: TEXT, key: TEXT, token: TEXT, dir: TEXT, metrics: TEXT, help: { type: 'boolean', default: false } } });
  const url = (values.gateway ?? env.KULA_GATEWAY_URL ?? 'http://localhost:8080').replace(/\/$/, '');
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new TypeError(`--gateway ${url}: must be an http or https address`);
  return { ...values, url, token: values.token ?? env.KULA_TOKEN, keyFile: values.key ?? env.KULA_OPERATOR_KEY_FILE };
}

const SIGNS = new Map([[true, '✓'], [false, '✗'], [null, '·']]);

function print({ isWell, text, remedy }) {
  console.log(`${SIGNS.get(isWell)} ${text}${remedy === undefined ? '' : `\n    ${remedy}`}`);
}

/** Prints findings. Answers how many are ill. */
function report(findings) {
  for (const finding of findings) print(finding);
  return findings.filter(({ isWell }) => isWell === false).length;
}

/** The checks behind the sign-in; that it fails is a finding like others. */
async function signedIn(gateway, { token, keyFile }) {
  if (token === undefined && keyFile === undefined) return [{ isWell: null, text: 'Peers are not looked at one by one: name the key of the operator with --key.' }];
  try {
    return await peerChecks(gateway);
  } catch (error) {
    return [{ isWell: false, text: `Peers cannot be looked at: ${error.message}`, remedy: 'Is the key that of the operator of this node?' }];
  }
}

async function examine(options) {
  const gateway = new Gateway({ gateway: options.url, token: options.token, keyFile: options.keyFile });
  const { isReached, findings } = await publicChecks(options.url);
  let illnesses = report(findings);
  if (isReached) illnesses += report(await logChecks(gateway)) + report(await signedIn(gateway, options));
  if (options.metrics !== undefined) illnesses += report(await sizeChecks(options.metrics));
  if (options.dir !== undefined) illnesses += report(folderChecks(resolve(options.dir), Date.now()));
  console.log(illnesses === 0 ? '\nAll is well.' : `\n${illnesses} ${illnesses === 1 ? 'thing needs' : 'things need'} attention.`);
  return illnesses === 0 ? 0 : 1;
}

await main(async () => {
  let options;
  try {
    options = optionsOf(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  return examine(options);
});
