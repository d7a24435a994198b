import { runUntilSignal } from '@kula/platform-host';
import { trustAttestationService } from '@kula/service-trust-attestation';

await runUntilSignal([trustAttestationService], process.env);
