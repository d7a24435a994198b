import { describe, expect, it } from '@jest/globals';
import { AddressRefusedError } from '../domain/peer.errors.js';
import { guardedLookup, hostOf, isRefusedAddress, refuseHost, refuseLiteral } from './dialled-addresses.js';

describe('an address to be dialled', () => {
  it.each(['169.254.169.254', '169.254.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '100.100.100.200', 'fe80::1', 'fe80::1%eth0', 'febf::1', '::', 'ff02::1', 'fd00:ec2::254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1'])(
    'is refused: %s', (address) => { expect(isRefusedAddress(address)).toBe(true); });

  it.each(['127.0.0.1', '10.1.2.3', '192.168.1.2', '172.16.0.9', '100.64.0.1', '203.0.113.9', '::1', 'fd00::1', '2001:db8::1', '169.253.255.255', '169.255.0.1', 'fec0::1'])(
    'is allowed: %s', (address) => { expect(isRefusedAddress(address)).toBe(false); });

  it.each(['http://2852039166/', 'http://0xa9fea9fe', 'http://169.254.43518', 'nats://2852039166:4222', 'nats://[fe80::1]:4222', 'tls://0251.0376.0251.0376:4222', 'http://[::ffff:169.254.169.254]/'])(
    'is refused however it is written: %s', (url) => { expect(() => refuseLiteral(url)).toThrow(AddressRefusedError); });

  it('is the host alone', () => {
    expect([hostOf('nats://[::1]:4222'), hostOf('https://north.example/x'), hostOf('nats://127.1:4222')]).toEqual(['::1', 'north.example', '127.0.0.1']);
  });

  it('is looked up and refused by what its name stands for', async () => {
    const lookedUp = (all: boolean) => new Promise((resolve) => guardedLookup('localhost', { all }, (error, address) => resolve(error ?? address)));
    expect(['127.0.0.1', '::1']).toContain(await lookedUp(false));
    expect(await lookedUp(true)).toEqual(expect.arrayContaining([expect.objectContaining({ address: expect.stringMatching(/127|::1/) as unknown })]));
    await expect(refuseHost('nats://localhost:4222')).resolves.toBeUndefined();
    await expect(refuseHost('nats://2852039166:4222')).rejects.toThrow(AddressRefusedError);
  });
});
