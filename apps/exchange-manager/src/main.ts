import { runUntilSignal } from '@kula/platform-host';
import { exchangeManagerService } from '@kula/service-exchange-manager';

await runUntilSignal([exchangeManagerService], process.env);
