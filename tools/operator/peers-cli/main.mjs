/**
 * Peers of a running node, from a terminal: npm run -s peers -- list --gateway http://localhost:8080 --key operator-wallet.json
 *
 * Asks the gateway as the operator; USAGE says what can be asked. The answer goes to standard output, everything else to standard error.
 * Exit 0: done. Exit 1: refused or not reached, the reason on standard error; nothing was changed. Exit 2: the command was not understood.
 */
import { main } from '../../bootstrap/progress.mjs';
import { readArguments, UsageError, USAGE } from './arguments.mjs';
import { COMMANDS } from './commands.mjs';
import { Gateway } from './gateway.mjs';

await main(async () => {
  try {
    const args = readArguments(process.argv.slice(2), process.env);
    if (args.isHelp) {
      console.log(USAGE);
      return 0;
    }
    const lines = await COMMANDS[args.command](new Gateway(args), args);
    if (lines !== '') process.stdout.write(`${lines}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
});
