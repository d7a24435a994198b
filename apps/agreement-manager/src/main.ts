import { runUntilSignal } from '@kula/platform-host';
import { agreementManagerService } from '@kula/service-agreement-manager';

await runUntilSignal([agreementManagerService], process.env);
