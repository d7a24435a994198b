import { runUntilSignal } from '@kula/platform-host';
import { identityService } from '@kula/service-identity';

await runUntilSignal([identityService], process.env);
