import type { ServiceDefinition } from '@kula/platform-host';
import { readSettings } from '@kula/platform-runtime';
import { GatewayModule } from './gateway.module.js';
import { gatewaySettings } from './gateway.settings.js';
import { HttpDoor } from './http/http-door.js';
import type { HttpServer } from './http/http-server.js';
import { UnknownAddressFilter } from './http/unknown-address.filter.js';

/** The only HTTP door of a node. */
export const gatewayService: ServiceDefinition = {
  name: 'gateway',
  module: (settings, env) => GatewayModule.for(settings, readSettings(gatewaySettings, 'gateway', env)),
  http: async (app, env) => {
    const { KULA_GATEWAY_HOST: host, KULA_GATEWAY_PORT: port } = readSettings(gatewaySettings, 'gateway', env);
    app.useGlobalFilters(app.get(UnknownAddressFilter));
    await app.get(HttpDoor).mount(app.getHttpAdapter().getInstance() as HttpServer);
    return { host, port };
  },
};
