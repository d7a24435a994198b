import { MethodNotAllowedError } from '../problems/gateway.errors.js';
import type { HttpServer } from './http-server.js';

/** An address and one method it takes. */
export interface Address {
  readonly method: string;
  /** In the server's own form: `/v1/chains/:chainId`. */
  readonly url: string;
}

/** Methods by address. Who may GET may ask for the HEAD. */
function methodsByUrl(addresses: readonly Address[]): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>();
  for (const { method, url } of addresses) {
    const known = methods.get(url) ?? new Set<string>();
    methods.set(url, known.add(method));
    if (method === 'GET') known.add('HEAD');
  }
  return methods;
}

/** Answers every other method of the addresses: OPTIONS with 204 and Allow, the rest with 405, whatever the body. */
export function guardMethods(server: HttpServer, addresses: readonly Address[]): void {
  for (const [url, known] of methodsByUrl(addresses)) {
    const allowed = [...known, 'OPTIONS'].sort();
    server.route({
      method: server.supportedMethods.filter((method) => !known.has(method)), url,
      onRequest: async (request) => {
        if (request.method !== 'OPTIONS') throw new MethodNotAllowedError(request.method, allowed);
      },
      handler: async (_request, reply) => reply.code(204).header('allow', allowed.join(', ')).send(),
    });
  }
}
