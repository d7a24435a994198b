/** npm run bench -- NAME | --all: sets up what is missing, then measures. */
import { handOver } from './hand-over.mjs';

await handOver('apps/bench/dist/main.js', process.argv.slice(2));
