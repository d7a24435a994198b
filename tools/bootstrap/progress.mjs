/** Progress in plain words, one line per step: "node modules: installing … done in 41 s". */

const seconds = (startedMs) => {
  const elapsed = (Date.now() - startedMs) / 1000;
  return elapsed < 10 ? `${elapsed.toFixed(1)} s` : `${Math.round(elapsed)} s`;
};

/** What went wrong and what the person at the keyboard can do about it; printed without a stack trace. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Lines go to standard error, so that a command's own result on standard output stays clean. */
const print = (text) => process.stderr.write(text);

/**
 * Runs one slow step between "subject: doing …" and "done in N s" (or "failed after N s").
 *
 * Lines printed meanwhile start on a line of their own.
 * @throws whatever the step throws.
 */
export async function step(subject, doing, work) {
  const startedMs = Date.now();
  print(`${subject}: ${doing} …`);
  try {
    const result = await work();
    print(` done in ${seconds(startedMs)}\n`);
    return result;
  } catch (error) {
    print(` failed after ${seconds(startedMs)}\n`);
    throw error;
  }
}

/** One line of news about a subject. */
export const note = (subject, text) => print(`${subject}: ${text}\n`);

/** One line that asks for attention without stopping. */
export const warn = (subject, text) => print(`${subject}: warning: ${text}\n`);

/** Runs the body of a command, which may return an exit code; a SetupError ends it with its message and code 1, anything else with a stack trace. */
export async function main(body) {
  try {
    const code = await body();
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    print(error instanceof SetupError ? `\n${error.message}\n` : `\n${error.stack ?? error}\n`);
    process.exitCode = 1;
  }
}
