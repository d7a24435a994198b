/** What each command asks of the gateway, and what is printed of the answer. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from '../../bootstrap/progress.mjs';
import { ACTIONS } from './arguments.mjs';
import { impactText, importText, peerLine, peersTable, peerText } from './words.mjs';

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

const shown = (args, value, words) => (args.isJson ? JSON.stringify(value, null, 2) : words(value));

/** The id of a peer that is named by its id, or by its name where that is its alone. */
async function idOf(gateway, called) {
  if (NODE_ID.test(called)) return called;
  const found = (await gateway.all('/v1/peers')).filter(({ name }) => name === called);
  if (found.length === 1) return found[0].nodeId;
  throw new SetupError(found.length === 0 ? `No peer is called ${called}. "list" names them.` : `Several peers are called ${called}; name one by its node id:${found.map(({ nodeId }) => `\n  ${nodeId}`).join('')}`);
}

function textIn(file) {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new SetupError(`${file} cannot be read: ${error.message}`);
  }
}

function write(file, text) {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new SetupError(`${file} cannot be written: ${error.message}`);
  }
}

async function act(gateway, args) {
  const nodeId = await idOf(gateway, args.operands[0]);
  const peer = await gateway.post(`/v1/peers/${nodeId}/actions`, { action: args.command, reason: args.reason });
  return shown(args, peer, (answer) => (args.command === 'forget' ? `${answer.name} (${answer.nodeId}) is no peer any more.` : peerLine(answer)));
}

async function exported(gateway, { operands: [file] }) {
  const { csv, rows } = await gateway.get('/v1/admissions/csv');
  if (file === '-') return csv.trimEnd();
  write(file, csv);
  return `${file}: ${rows} nodes`;
}

export const COMMANDS = {
  list: async (gateway, args) => shown(args, await gateway.all('/v1/peers', { state: args.state }), peersTable),
  show: async (gateway, args) => shown(args, await gateway.get(`/v1/peers/${await idOf(gateway, args.operands[0])}`), peerText),
  add: async (gateway, args) => shown(args, await gateway.post('/v1/peers', {
    gatewayUrl: args.operands[0], view: args.isRelay ? 'all' : 'own', ...(args.node !== undefined && { nodeId: args.node }),
  }), peerText),
  admit: async (gateway, args) => shown(args, await gateway.post('/v1/relayed-nodes', { nodeId: args.operands[0], name: args.operands[1] }), peerLine),
  impact: async (gateway, args) => shown(args, await gateway.get(`/v1/peers/${await idOf(gateway, args.operands[0])}/impact`), impactText),
  export: exported,
  import: async (gateway, args) => shown(args, await gateway.post('/v1/admissions', { csv: textIn(args.operands[0]), dryRun: !args.isApplied }), importText),
  ...Object.fromEntries(ACTIONS.map((action) => [action, act])),
};
