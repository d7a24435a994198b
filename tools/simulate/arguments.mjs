import { parseArgs } from 'node:util';

/** A question that is not understood: told in one sentence, without a stack trace. */
export class Refusal extends Error {
  name = 'Refusal';
}

const USAGE = 'usage: npm run simulate -- log [--schedules N] [--seed S] [--verbose]';
const SIMULATORS = ['log'];
/** Seeds are 32 bits wide. */
const WHOLE_MAX = 2 ** 32 - 1;

function parsed(words) {
  const options = { schedules: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' }, verbose: { type: 'boolean', default: false } };
  try {
    return parseArgs({ args: words, options, allowPositionals: true });
  } catch (error) {
    throw new Refusal(`${error.message.split('\n')[0]}\n${USAGE}`);
  }
}

function wholeNumber(text, { name, from }) {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < from || value > WHOLE_MAX) throw new Refusal(`--${name} takes a whole number from ${from} to ${WHOLE_MAX}, not ${text}.`);
  return value;
}

/** What is to be simulated. @throws Refusal. */
export function readArguments(words) {
  const { positionals, values } = parsed(words);
  const [simulator, ...more] = positionals;
  if (simulator === undefined || more.length > 0) throw new Refusal(`Name one simulator; there is: ${SIMULATORS.join(', ')}.\n${USAGE}`);
  if (!SIMULATORS.includes(simulator)) throw new Refusal(`There is no simulator called ${simulator}; there is: ${SIMULATORS.join(', ')}.\n${USAGE}`);
  return {
    simulator, schedules: wholeNumber(values.schedules, { name: 'schedules', from: 1 }), seed: wholeNumber(values.seed, { name: 'seed', from: 0 }), isVerbose: values.verbose,
  };
}
