import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainReason } from '../peers/plain-reason.js';
import { publicReason } from './public-reason.js';

const SEED = `SU${'ABCDEFG2'.repeat(7)}`;

describe('a reason for everybody', () => {
  it.each([
    ['dial refused: nothing listens at the address, or a firewall says no (connect ECONNREFUSED 10.1.2.3:4222)', 'dial refused: nothing listens at the address, or a firewall says no'],
    ['name not found: the address cannot be looked up (getaddrinfo ENOTFOUND nats.south.example)', 'name not found: the address cannot be looked up'],
    ['there is no entry 7 of z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH that holds at any peer connected', 'there is no entry 7 of z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH that holds at any peer connected'],
    ['the node has contradicted itself after entry 12: its log is frozen there until people decide', 'the node has contradicted itself after entry 12: its log is frozen there until people decide'],
    ['peers.json at /etc/kula/peers.json is not JSON', 'peers.json at … is not JSON'], ['(127.0.0.1)', 'something failed; the operator sees what'],
  ])('%j says %j', (reason, said) => { expect(publicReason(reason)).toBe(said); });

  it('is null where there is none', () => { expect(publicReason(null)).toBeNull(); });

  const telling = fc.oneof(
    fc.ipV4().map((address) => `${address}:4222`), fc.ipV4(), fc.domain().map((host) => `tls://node:hush@${host}:4222`), fc.domain().map((host) => `${host}:4222`), fc.constant(SEED),
    fc.constant('/etc/kula/link-ca.pem'), fc.constant('-----BEGIN PRIVATE KEY-----\nabc'),
  );

  it('holds no address and no key, wherever they stand', () => {
    fc.assert(fc.property(fc.constantFrom('connection to', 'dial refused:', ''), telling, fc.constantFrom('', 'is lost', 'and again'), (before, secret, after) => {
      const said = publicReason(`${before} ${secret} ${after}`);
      expect(said).not.toContain(secret);
      expect(said).not.toContain('hush');
    }));
  });

  it('holds nothing of what a machine said when a connection failed', () => {
    fc.assert(fc.property(telling, (secret) => {
      expect(publicReason(plainReason(Object.assign(new Error(`connect ECONNREFUSED ${secret}`), { code: 'ECONNREFUSED' })))).not.toContain(secret);
    }));
  });
});
