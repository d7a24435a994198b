import { runUntilSignal } from '@kula/platform-host';
import { countingService } from './counting-service.js';

await runUntilSignal([countingService], process.env);
