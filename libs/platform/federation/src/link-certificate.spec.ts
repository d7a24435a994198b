import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { linkCertificate } from './link-certificate.js';

const now = new Date('2026-11-20T12:00:00Z');
const made = linkCertificate('tls://nats.north.example:4222', now);
const read = (natsUrl: string) => new X509Certificate(linkCertificate(natsUrl, now).certificate);

/** What a client that pins `ca` comes to at a server with this certificate. */
async function handshake(ca: string, servername: string): Promise<string> {
  const server = createServer({ cert: made.certificate, key: made.privateKey });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port ?? 0 : 0;
  const said = await new Promise<string>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => { socket.destroy(); resolve('trusted'); });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  await new Promise((resolve) => { server.close(resolve); });
  return said;
}

describe('linkCertificate', () => {
  it('makes a certificate that its own key signed, for its own key', () => {
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true);
  });

  it('holds from a day ago for ten years, and vouches for no other certificate', () => {
    const certificate = new X509Certificate(made.certificate);
    expect([certificate.validFrom, certificate.validTo]).toEqual(['Nov 19 12:00:00 2026 GMT', 'Nov 20 12:00:00 2036 GMT']);
    expect([certificate.ca, certificate.checkIssued(certificate), certificate.keyUsage]).toEqual([false, false, ['1.3.6.1.5.5.7.3.1']]);
  });

  it('writes years after 2049 in full', () => {
    expect(new X509Certificate(linkCertificate('tls://a.example:4222', new Date('2045-02-03T04:05:06Z')).certificate).validTo).toBe('Feb  3 04:05:06 2055 GMT');
  });

  it.each([
    ['tls://nats.north.example:4222', 'DNS:nats.north.example, DNS:localhost, IP Address:127.0.0.1'],
    ['tls://192.0.2.7:4222', 'IP Address:192.0.2.7, DNS:localhost, IP Address:127.0.0.1'],
    ['tls://127.0.0.1:4222', 'IP Address:127.0.0.1, DNS:localhost'],
    ['tls://[2001:db8::7]:4222', 'IP Address:2001:DB8:0:0:0:0:0:7, DNS:localhost, IP Address:127.0.0.1'],
    ['tls://[2001:db8:1:2:3:4:5:6]:4222', 'IP Address:2001:DB8:1:2:3:4:5:6, DNS:localhost, IP Address:127.0.0.1'],
    [`tls://${'n'.repeat(60)}.${'o'.repeat(60)}.${'r'.repeat(60)}.example:4222`, `DNS:${'n'.repeat(60)}.${'o'.repeat(60)}.${'r'.repeat(60)}.example, DNS:localhost, IP Address:127.0.0.1`],
  ])('names the host of %s', (natsUrl, names) => { expect(read(natsUrl).subjectAltName).toBe(names); });

  it('never repeats a key or a serial number', () => {
    const certificates = Array.from({ length: 20 }, () => read('tls://north.example:4222'));
    expect(new Set(certificates.map(({ serialNumber }) => serialNumber)).size).toBe(20);
    expect(new Set(certificates.map(({ fingerprint256 }) => fingerprint256)).size).toBe(20);
  });

  it('is trusted by who pins it, for the hosts it names, and by nobody who pins another', async () => {
    const other = linkCertificate('tls://nats.north.example:4222', now);
    expect(await handshake(made.certificate, 'nats.north.example')).toBe('trusted');
    expect(await handshake(made.certificate, 'nats.south.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await handshake(other.certificate, 'nats.north.example')).toMatch(/SELF_SIGNED|UNABLE_TO|SIGNATURE/);
  });
});
