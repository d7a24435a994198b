import { runUntilSignal } from '@kula/platform-host';
import { federationService } from '@kula/service-federation';

await runUntilSignal([federationService], process.env);
