/** npm run node -- …: sets up what is missing, then runs one service or one whole node. */
import { handOver } from './hand-over.mjs';

await handOver('apps/node/dist/main.js', process.argv.slice(2));
