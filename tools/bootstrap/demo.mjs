/** npm run demo: sets up what is missing, runs the demonstration and exits. */
import { handOver } from './hand-over.mjs';

await handOver('apps/demo/dist/main.js', ['--exit', ...process.argv.slice(2)]);
