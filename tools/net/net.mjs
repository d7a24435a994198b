/**
 * Nets a file of obligations: net INPUT RESULT [--mode setoff|bilateral] [--units HOUR,KWH]
 *
 * INPUT is .json or .csv (obligation-file.mjs says how they look), RESULT is written as JSON:
 *   { mode, remaining: [{id, remaining}], transfers: [], claims: [], potentials: {currency: {party: integer}},
 *     perCurrency: {currency: {gross, cleared, remaining, netInternalDebt, net: {party: position}}} }
 * potentials prove a set-off optimal: gain(u owes v) = 1 − pot[u] + pot[v], and cleared = Σ amount·max(0, gain).
 * The result is the same, byte for byte, for any order of the obligations.
 * Exit 0: written. Exit 2: refused as a whole, nothing written, each reason on standard error.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bilateralSetoff, netObligations, netPositions, verifyNetting } from '../../libs/kernel/netting/dist/index.js';
import { readObligations } from './obligation-file.mjs';

const REFUSALS_SHOWN = 20;
const USAGE = 'usage: net INPUT.json|INPUT.csv RESULT.json [--mode setoff|bilateral] [--units HOUR,KWH]';
const MODES = { setoff, bilateral };
const MODES_NOT_BUILT = ['constrained', 'novation', 'liquidity'];

class Refused extends Error {
  constructor(reasons) {
    super('refused');
    this.reasons = reasons;
  }
}

const refuse = (code, detail) => { throw new Refused([{ pointer: '', code, detail }]); };
const inOrder = (left, right) => (left < right ? -1 : Number(left > right));
const byId = (left, right) => inOrder(left.id, right.id);
const remainingOf = (perUnit) => perUnit.flatMap(({ remaining }) => remaining)
  .sort(byId).map(({ id, remaining }) => ({ id, remaining: String(remaining) }));

/** Hash of the frozen set, whatever its order. */
function saltOf(obligations) {
  const hash = createHash('sha256');
  for (const { id, debtor, creditor, amount, unit, dueAt } of [...obligations].sort(byId)) {
    hash.update(`${JSON.stringify([id, debtor, creditor, String(amount), unit, dueAt ?? null])}\n`);
  }
  return hash.digest('hex');
}

function setoff(obligations) {
  const problem = { obligations, salt: saltOf(obligations) };
  const outcome = netObligations(problem);
  verifyNetting(problem, outcome);
  const potentials = outcome.perUnit.map(({ unit, potentials: list }) =>
    [unit, Object.fromEntries(list.map(({ party, potential }) => [party, potential]))]);
  return { perUnit: outcome.perUnit, potentials: Object.fromEntries(potentials) };
}

function bilateral(obligations) {
  return { perUnit: bilateralSetoff(obligations), potentials: {} };
}

function resultOf(mode, obligations) {
  const { perUnit, potentials } = MODES[mode](obligations);
  const positions = new Map(netPositions(obligations).map((unit) => [unit.unit, unit]));
  const perCurrency = perUnit.map(({ unit, grossTotal, cleared, netTotal }) => [unit, {
    gross: String(grossTotal), cleared: String(cleared), remaining: String(netTotal),
    netInternalDebt: String(positions.get(unit).netInternalDebt),
    net: Object.fromEntries(positions.get(unit).positions.map(({ party, position }) => [party, String(position)])),
  }]);
  return { mode, remaining: remainingOf(perUnit), transfers: [], claims: [], potentials, perCurrency: Object.fromEntries(perCurrency) };
}

function argumentsOf(argv) {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv, allowPositionals: true,
      options: { mode: { type: 'string', default: 'setoff' }, units: { type: 'string', default: '' } },
    });
  } catch (error) { refuse('net.usage', `${error.message}\n${USAGE}`); }
  const { positionals, values: { mode, units } } = parsed;
  if (positionals.length !== 2) refuse('net.usage', USAGE);
  if (MODES_NOT_BUILT.includes(mode)) refuse('net.mode_not_built', `mode ${mode} is not built yet; built are ${Object.keys(MODES).join(', ')}`);
  if (!Object.hasOwn(MODES, mode)) refuse('net.mode_unknown', `mode ${mode} is unknown; known are ${Object.keys(MODES).join(', ')}`);
  return { input: positionals[0], target: positionals[1], mode, units: units.split(',').filter((unit) => unit !== '') };
}

function readInput(input) {
  try { return readFileSync(input); } catch (error) { return refuse('net.input_unreadable', error.message); }
}

/** The result appears whole or not at all. */
function writeResult(target, result) {
  const part = `${target}.${process.pid}.part`;
  try {
    writeFileSync(part, `${JSON.stringify(result, null, 1)}\n`);
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    refuse('net.result_unwritable', error.message);
  }
}

function main(argv) {
  const { input, target, mode, units } = argumentsOf(argv);
  const { obligations, refusals } = readObligations(readInput(input), { isCsv: input.toLowerCase().endsWith('.csv'), units });
  if (refusals) throw new Refused(refusals);
  const result = resultOf(mode, obligations);
  writeResult(target, result);
  for (const [currency, { gross, cleared, remaining, netInternalDebt }] of Object.entries(result.perCurrency)) {
    console.log(`${currency}: gross ${gross}, cleared ${cleared}, remaining ${remaining}, net internal debt ${netInternalDebt}`);
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error('refused: nothing was written');
  for (const { pointer, code, detail } of error.reasons.slice(0, REFUSALS_SHOWN)) console.error(`  ${pointer && `${pointer}: `}${code}: ${detail}`);
  if (error.reasons.length > REFUSALS_SHOWN) console.error(`  … and ${error.reasons.length - REFUSALS_SHOWN} more`);
  process.exitCode = 2;
}
