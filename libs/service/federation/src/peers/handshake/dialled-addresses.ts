import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AddressRefusedError } from '../domain/peer.errors.js';

/**
 * Addresses that belong to a machine or its cloud and never to a peer: link-local, unspecified, multicast, and the metadata
 * services that are not link-local. Private ranges are allowed: cooperatives run networks of their own.
 */
const REFUSED = new BlockList();
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4');
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4');
REFUSED.addSubnet('224.0.0.0', 3, 'ipv4');
REFUSED.addAddress('100.100.100.200', 'ipv4');
REFUSED.addAddress('192.0.0.192', 'ipv4');
REFUSED.addSubnet('fe80::', 10, 'ipv6');
REFUSED.addSubnet('ff00::', 8, 'ipv6');
REFUSED.addAddress('::', 'ipv6');
REFUSED.addAddress('fd00:ec2::254', 'ipv6');
// The forms in which IPv6 carries an IPv4 address: translated (NAT64) and 6to4.
REFUSED.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
REFUSED.addSubnet('2002:a9fe::', 32, 'ipv6');

/** Whether a literal address is never dialled. */
export function isRefusedAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  return family !== 0 && REFUSED.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** The host of an address as it is dialled, without the brackets of IPv6; forms such as 2852039166 are read as the IPv4 address they are. */
export function hostOf(url: string): string {
  const { host } = new URL(url);
  // Only addresses of the web are normalised; those of NATS are read by the same rules.
  const { hostname } = new URL(`http://${host}`);
  return hostname.replace(/^\[|\]$/g, '');
}

/** @throws AddressRefusedError where the address names a refused host literally. Looks nothing up. */
export function refuseLiteral(url: string): void {
  const host = hostOf(url);
  if (isRefusedAddress(host)) throw new AddressRefusedError(host);
}

/** Looks a name up as a socket does, and refuses it where one of its addresses is refused: what is checked is what is dialled. */
export const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const refused = addresses?.find(({ address }) => isRefusedAddress(address));
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) done(error ?? new Error(`${host} has no address`), '', 4);
    else if (refused !== undefined) done(new AddressRefusedError(`${host} (${refused.address})`), '', 4);
    else if (options.all === true) done(null, addresses);
    else done(null, first.address, first.family);
  });
};

/** @throws AddressRefusedError where the host of an address is, or is found to be, one that is refused. */
export async function refuseHost(url: string): Promise<void> {
  refuseLiteral(url);
  const host = hostOf(url);
  if (isIP(host) !== 0) return;
  await new Promise<void>((resolve, reject) => guardedLookup(host, { all: true }, (error) => (error instanceof AddressRefusedError ? reject(error) : resolve())));
}
