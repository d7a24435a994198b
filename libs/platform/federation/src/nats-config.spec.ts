import { describe, expect, it } from '@jest/globals';
import { natsConfig, type NatsConfigOptions } from './nats-config.js';

const nkey = (kind: 'U' | 'A', letter: string): string => `${kind}${letter.repeat(55)}`;
const north: NatsConfigOptions = {
  serverName: 'north', listen: '127.0.0.1:4222', storeDir: '/var/lib/nats', nodePassword: 'secret',
  federationUserPublicNkey: nkey('U', 'A'), systemUserPublicNkey: nkey('U', 'B'), admissionIssuerPublicNkey: nkey('A', 'C'),
};

describe('natsConfig', () => {
  it('asks about everybody but the users of the node itself', () => {
    expect(natsConfig(north)).toContain(`auth_callout { issuer: ${nkey('A', 'C')}, account: FED, auth_users: [ node, ${nkey('U', 'A')}, ${nkey('U', 'B')} ] }`);
  });

  it('has room for 2,000 connections of peers unless told otherwise', () => {
    expect(natsConfig(north)).toContain('limits { max_payload: 4096, max_subscriptions: 40000, max_connections: 2000 }');
    expect(natsConfig({ ...north, peerConnectionsMax: 50 })).toContain('max_subscriptions: 1000, max_connections: 50 }');
  });

  it('takes plain connections beside TLS, for the services of the node', () => {
    expect(natsConfig({ ...north, tls: { certFile: '/c.pem', keyFile: '/k.pem' } })).toMatch(/^tls \{ cert_file: "\/c\.pem", key_file: "\/k\.pem", timeout: 5 \}\n#.*\nallow_non_tls: true$/m);
    expect(natsConfig(north)).not.toMatch(/tls/);
  });

  it('keeps quotes and backslashes of a password inside the password', () => {
    expect(natsConfig({ ...north, nodePassword: 'a"b\\c' })).toContain('password: "a\\"b\\\\c"');
  });

  it('writes to disk before it answers unless told otherwise', () => {
    expect(natsConfig(north)).toContain('sync_interval: always');
    expect(natsConfig({ ...north, durable: false })).not.toContain('sync_interval');
  });

  it.each<[string, Partial<NatsConfigOptions>]>([
    ['a federation key that is an account key', { federationUserPublicNkey: nkey('A', 'A') }],
    ['a system key with more in it', { systemUserPublicNkey: 'U", user: "x' }],
    ['one key for two accounts', { systemUserPublicNkey: nkey('U', 'A') }],
    ['an issuer that is a user', { admissionIssuerPublicNkey: nkey('U', 'C') }],
    ['no room for any peer', { peerConnectionsMax: 0 }],
    ['a password with a line break', { nodePassword: 'a\nb' }],
    ['a listen address with more in it', { listen: '0.0.0.0:4222 }' }],
  ])('refuses %s', (_, wrong) => {
    expect(() => natsConfig({ ...north, ...wrong })).toThrow('broken invariant');
  });
});
