import { runUntilSignal } from '@kula/platform-host';
import { agreementManagerService } from '@kula/service-agreement-manager';
import { clearingService } from '@kula/service-clearing';
import { exchangeManagerService } from '@kula/service-exchange-manager';
import { federationService } from '@kula/service-federation';
import { gatewayService } from '@kula/service-gateway';
import { identityService } from '@kula/service-identity';
import { matchingEngineService } from '@kula/service-matching-engine';
import { trustAttestationService } from '@kula/service-trust-attestation';

const all = [
  federationService, identityService, matchingEngineService, exchangeManagerService, trustAttestationService, agreementManagerService,
  clearingService, gatewayService,
];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.some((service) => service.name === name));

if (unknown.length > 0) {
  process.stderr.write(`no service is called ${unknown.join(', ')}; there are ${all.map((service) => service.name).join(', ')}\n`);
  process.exit(2);
}
await runUntilSignal(wanted.length === 0 ? all : all.filter((service) => wanted.includes(service.name)), process.env);
