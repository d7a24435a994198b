/** What was typed: npm run -s peers -- COMMAND … */
import { parseArgs } from 'node:util';

export const USAGE = `usage: npm run -s peers -- COMMAND [--gateway URL] [--key FILE | --token TOKEN] [--json]

  list [--state STATE]     every peer: how it stands, its link, how far behind it is
  show PEER                one peer with everything that is known of it
  add URL [--node ID] [--relay]
                           asks the node behind the gateway at URL for a link; --node refuses any other node,
                           --relay reads every log it holds and not only its own
  admit ID NAME            takes the log of a node from those who relay it, without a link to it
  approve PEER             agrees to a link that PEER has asked for
  decline PEER             says no, or withdraws a request of our own
  pause | drain | suspend | resume | block | unblock | undo | retry | forget PEER [--reason TEXT]
  impact PEER              what would be touched if PEER were cut off; changes nothing
  export FILE              the list of nodes let in or kept out, as CSV; - is standard output
  import FILE [--apply]    says what the list would change; with --apply it is changed, whole or not at all

PEER is a node id or the name of a peer. The gateway is http://localhost:8080 where neither --gateway nor KULA_GATEWAY_URL names
one. The operator signs in with the key file that node:init made (--key, or KULA_OPERATOR_KEY_FILE), or with a session token
(--token, or KULA_TOKEN).`;

/** What was typed cannot be understood. */
export class UsageError extends Error {
  name = 'UsageError';
}

const TEXT = { type: 'string' };
const SWITCH = { type: 'boolean', default: false };
const OPTIONS = {
  gateway: TEXT, key: TEXT, token: TEXT, state: TEXT, node: TEXT, reason: TEXT, relay: SWITCH, apply: SWITCH, json: SWITCH, help: SWITCH,
};

/** Actions on a peer that the gateway takes as they are. */
export const ACTIONS = ['approve', 'decline', 'pause', 'drain', 'suspend', 'resume', 'block', 'unblock', 'undo', 'retry', 'forget'];

/** What each command wants after it. */
const WANTED = {
  list: [], show: ['PEER'], add: ['URL'], admit: ['ID', 'NAME'], impact: ['PEER'], export: ['FILE'], import: ['FILE'],
  ...Object.fromEntries(ACTIONS.map((action) => [action, ['PEER']])),
};

function parsed(argv) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function gatewayOf({ gateway }, env) {
  const url = gateway ?? env.KULA_GATEWAY_URL ?? 'http://localhost:8080';
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new UsageError(`--gateway ${url}: must be an http or https address`);
  return url.replace(/\/$/, '');
}

/** Token or key file, never both: a token that was named wins over a key file of the environment. */
function signInOf({ key, token }, env) {
  if (key !== undefined && token !== undefined) throw new UsageError('Sign in with --key or with --token, not both.');
  if (key !== undefined) return { keyFile: key };
  const given = token ?? env.KULA_TOKEN;
  return given === undefined ? { keyFile: env.KULA_OPERATOR_KEY_FILE } : { token: given };
}

/** Parses the command line; the environment fills in what it leaves out. @throws UsageError. */
export function readArguments(argv, env) {
  const { values, positionals: [command, ...operands] } = parsed(argv);
  if (values.help) return { isHelp: true };
  if (command === undefined) throw new UsageError('A command is missing.');
  if (!Object.hasOwn(WANTED, command)) throw new UsageError(`There is no command ${command}.`);
  if (operands.length !== WANTED[command].length) throw new UsageError(`${command} wants ${WANTED[command].join(' ') || 'nothing'} after it.`);
  return {
    command, operands, gateway: gatewayOf(values, env), ...signInOf(values, env),
    state: values.state, node: values.node, reason: values.reason ?? null, isRelay: values.relay, isApplied: values.apply, isJson: values.json, isHelp: false,
  };
}
