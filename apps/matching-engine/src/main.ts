import { runUntilSignal } from '@kula/platform-host';
import { matchingEngineService } from '@kula/service-matching-engine';

await runUntilSignal([matchingEngineService], process.env);
