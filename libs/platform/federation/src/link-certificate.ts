import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';

/** A certificate and its private key, both PEM. */
export interface LinkCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const YEARS = 10;
const DAY_MS = 24 * 3600 * 1_000;

/** One element of DER (X.690): tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const octets = (content: Uint8Array): Buffer => der(0x04, content);
const critical = (): Buffer => der(0x01, bytes('ff'));

/** Object identifiers, as their content is encoded. */
const OID = {
  ecdsaWithSha256: der(0x06, bytes('2a8648ce3d040302')), commonName: der(0x06, bytes('550403')), subjectAltName: der(0x06, bytes('551d11')),
  basicConstraints: der(0x06, bytes('551d13')), keyUsage: der(0x06, bytes('551d0f')), extendedKeyUsage: der(0x06, bytes('551d25')), serverAuth: der(0x06, bytes('2b06010505070301')),
};

/** Years from 2050 on are written in full (RFC 5280 §4.1.2.5). */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().replace(/\.\d+Z$/, '').replace(/[-T:]/g, '')}Z`;
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = [...head, ...Array<string>(tail === undefined ? 0 : 8 - head.length - tail.length).fill('0'), ...tail ?? []];
  return bytes(groups.map((group) => group.padStart(4, '0')).join(''));
}

const alternativeName = (host: string): Buffer => (isIP(host) === 0 ? der(0x82, Buffer.from(host, 'ascii')) : der(0x87, addressBytes(host)));

function extensions(hosts: readonly string[]): Buffer {
  return der(0xa3, sequence(
    // It vouches for nobody else, whatever trusts it.
    sequence(OID.basicConstraints, critical(), octets(sequence())),
    sequence(OID.keyUsage, critical(), octets(bytes('03020780'))),
    sequence(OID.extendedKeyUsage, octets(sequence(OID.serverAuth))),
    sequence(OID.subjectAltName, octets(sequence(...hosts.map(alternativeName)))),
  ));
}

/** The host of a NATS address, without the brackets of IPv6. */
export const hostOf = (natsUrl: string): string => new URL(natsUrl).hostname.replace(/^\[|\]$/g, '');

/**
 * A self-signed certificate, with a new P-256 key, for the nats-server at an address: peers pin it, so nobody needs to vouch
 * for it. It also names `localhost` and 127.0.0.1 and holds for ten years from a day before `now`.
 */
export function linkCertificate(natsUrl: string, now: Date): LinkCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(OID.commonName, der(0x0c, Buffer.from('Kula nats-server')))));
  const serial = Buffer.concat([bytes('01'), randomBytes(15)]);
  const ends = new Date(now);
  ends.setUTCFullYear(now.getUTCFullYear() + YEARS);
  const statement = sequence(
    der(0xa0, der(0x02, bytes('02'))), der(0x02, serial), sequence(OID.ecdsaWithSha256), name,
    sequence(time(new Date(now.getTime() - DAY_MS)), time(ends)), name, publicKey.export({ type: 'spki', format: 'der' }),
    extensions([...new Set([hostOf(natsUrl), 'localhost', '127.0.0.1'])]),
  );
  const certificate = sequence(statement, sequence(OID.ecdsaWithSha256), der(0x03, bytes('00'), sign('sha256', statement, privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
