/** npm start: sets up what is missing, then runs the demonstration and stays up until Ctrl-C. */
import { handOver } from './hand-over.mjs';

await handOver('apps/demo/dist/main.js', process.argv.slice(2));
