import { runUntilSignal } from '@kula/platform-host';
import { gatewayService } from '@kula/service-gateway';

await runUntilSignal([gatewayService], process.env);
