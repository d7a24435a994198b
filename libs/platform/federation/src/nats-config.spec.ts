import { describe, expect, it } from '@jest/globals';
import { nodeIdOf } from '@kula/testing-fixtures';
import { natsConfig, type NatsConfigOptions } from './nats-config.js';

const nkey = (letter: string): string => `U${letter.repeat(55)}`;
const north: NatsConfigOptions = {
  serverName: 'north', listen: '127.0.0.1:4222', storeDir: '/var/lib/nats', nodePassword: 'secret',
  federationUserPublicNkey: nkey('A'), peers: [{ nodeId: nodeIdOf('south'), publicNkey: nkey('B') }],
};

describe('natsConfig', () => {
  it('lets a peer publish to its own consumer and under its own name only', () => {
    const south = nodeIdOf('south');
    expect(natsConfig(north)).toContain(`publish { allow: ["fedjs.CONSUMER.MSG.NEXT.FEDLOG.p_${south}", "fedjs.CONSUMER.INFO.FEDLOG.p_${south}", "fedapi.*.${south}"] }`);
  });

  it('keeps quotes and backslashes of a password inside the password', () => {
    expect(natsConfig({ ...north, nodePassword: 'a"b\\c' })).toContain('password: "a\\"b\\\\c"');
  });

  it('writes to disk before it answers unless told otherwise', () => {
    expect(natsConfig(north)).toContain('sync_interval: always');
    expect(natsConfig({ ...north, durable: false })).not.toContain('sync_interval');
  });

  it.each<[string, Partial<NatsConfigOptions>]>([
    ['a peer whose id is no node id', { peers: [{ nodeId: '*', publicNkey: nkey('B') }] }],
    ['a peer whose key is no NKey of a user', { peers: [{ nodeId: nodeIdOf('south'), publicNkey: 'U", user: "x' }] }],
    ['a peer listed twice', { peers: [...north.peers, ...north.peers] }],
    ['a federation key that is an account key', { federationUserPublicNkey: `A${'A'.repeat(55)}` }],
    ['a password with a line break', { nodePassword: 'a\nb' }],
    ['a listen address with more in it', { listen: '0.0.0.0:4222 }' }],
  ])('refuses %s', (_, wrong) => {
    expect(() => natsConfig({ ...north, ...wrong })).toThrow('broken invariant');
  });
});
