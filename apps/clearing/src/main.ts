import { runUntilSignal } from '@kula/platform-host';
import { clearingService } from '@kula/service-clearing';

await runUntilSignal([clearingService], process.env);
