import { describe, expect, it } from '@jest/globals';
import { toBase64url } from '@kula/kernel-crypto';
import { readSettings, serviceSettings } from '@kula/platform-runtime';
import { keyOfName, nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { readFederationSettings } from './federation.settings.js';

const key = toBase64url(keyOfName('node north'));
const env: Record<string, string> = {
  KULA_NODE_ID: nodeIdOf('north'), KULA_NATS_URL: 'nats://node:secret@127.0.0.1:4222', KULA_DATABASE_URL: 'postgres://federation:secret@127.0.0.1/kula',
  KULA_NODE_KEY: key, KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'https://north.example', KULA_OPERATOR_ID: walletOf('operator').did,
};
const read = (changes: Record<string, string>) => {
  const changed = { ...env, ...changes };
  return readFederationSettings(readSettings(serviceSettings, 'federation', changed), changed);
};

describe('readFederationSettings', () => {
  it('keeps the log on the server of the node unless another one is named', () => {
    expect(read({}).logNats).toEqual({ url: env['KULA_NATS_URL'] });
    const nkey = `SU${'A'.repeat(56)}`;
    expect(read({ KULA_FEDERATION_NATS_URL: 'tls://edge:4222', KULA_FEDERATION_NKEY: nkey }).logNats).toEqual({ url: 'tls://edge:4222', nkeySeed: nkey });
  });

  it('keeps what is dead for a month, and never for less than drafts are kept', () => {
    const { stream, checkpoints } = read({});
    expect([stream, checkpoints]).toEqual([{ retentionDays: 30, bytesMax: 8_000_000_000 }, { retentionDays: 30, entriesMin: 1_000 }]);
    expect(read({ KULA_RETENTION_DAYS: '0' }).checkpoints.retentionDays).toBe(0);
    for (const days of ['-1', '1', '14', '20.5', 'long']) expect(() => read({ KULA_RETENTION_DAYS: days })).toThrow(/KULA_RETENTION_DAYS/);
  });

  it('announces what the node is told to be', () => {
    expect(read({ KULA_RECOVERY_KEY_HASH: 'A'.repeat(43) }).own.announcement).toEqual({
      node_id: nodeIdOf('north'), name: 'North', domain: 'north.example', gateway_url: 'https://north.example', operator_id: walletOf('operator').did,
      recovery_key_hash: 'A'.repeat(43), protocol: 1,
    });
  });

  it('takes the keys it is given, whichever of them the node id was made of', () => {
    const [other, recovery] = ['node south', 'recovery'].map((name) => keyOfName(name)) as [Uint8Array, Uint8Array];
    const { keys } = read({ KULA_NODE_KEY: toBase64url(other), KULA_NODE_KEY_PREVIOUS: key, KULA_RECOVERY_KEY: toBase64url(recovery), KULA_RECOVERY_KEY_HASH: 'A'.repeat(43) }).own;
    expect({ ...keys, current: toBase64url(keys.current) }).toMatchObject({ current: toBase64url(other), recoveryKeyHash: 'A'.repeat(43) });
    expect([keys.previous, keys.recovery].map((each) => toBase64url(each!))).toEqual([key, toBase64url(recovery)]);
    expect(read({}).own.keys).toEqual({ current: expect.any(Uint8Array), recoveryKeyHash: null });
  });

  it('tells peers where to dial, without the credentials of the node', () => {
    const { reach, door } = read({ KULA_FEDERATION_NATS_URL: 'nats://user:secret@nats:4222' }).peers;
    expect([reach, door.natsUrl, door.seeds]).toEqual([{ natsUrl: 'nats://nats:4222', tlsCa: null }, 'nats://nats:4222', undefined]);
    expect(read({}).peers.reach.natsUrl).toBe('nats://127.0.0.1:4222');
  });

  it('lets peers in with TLS only where it tells them to come with it', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';
    const seeds = { KULA_ADMISSION_SEED: `SA${'A'.repeat(56)}`, KULA_SYSTEM_NKEY: `SU${'A'.repeat(56)}` };
    const { reach, door } = read({ KULA_LINK_NATS_URL: 'tls://nats.north.example:4222', KULA_LINK_CA: certificate, ...seeds }).peers;
    expect([reach.natsUrl, reach.tlsCa, door.isEncrypted]).toEqual(['tls://nats.north.example:4222', certificate, true]);
    expect(door.seeds).toEqual({ issuerSeed: seeds.KULA_ADMISSION_SEED, systemNkeySeed: seeds.KULA_SYSTEM_NKEY });
    expect([read({ KULA_LINK_CA: certificate }).peers.door.isEncrypted, read({}).peers.door.isEncrypted]).toEqual([true, false]);
  });

  it('wants both keys of the door or none, and a certificate without its key', () => {
    expect(() => read({ KULA_ADMISSION_SEED: `SA${'A'.repeat(56)}` })).toThrow(/belong together/);
    expect(() => read({ KULA_LINK_CA: '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----' })).toThrow(/KULA_LINK_CA: a certificate and no private key/);
  });

  it('never quotes a key', () => {
    expect(() => read({ KULA_NODE_KEY: `${'A'.repeat(42)}!` })).toThrow(/KULA_NODE_KEY/);
    expect(() => read({ KULA_NODE_KEY: `${'A'.repeat(42)}!` })).not.toThrow(/AAAA/);
  });

  it.each([
    ['KULA_NODE_KEY', 'short'], ['KULA_NODE_KEY_PREVIOUS', 'short'], ['KULA_RECOVERY_KEY', `${'A'.repeat(42)}B`], ['KULA_NETWORK', 'a b'], ['KULA_FEDERATION_NATS_URL', 'https://edge'], ['KULA_FEDERATION_NKEY', 'SA'],
    ['KULA_NODE_NAME', ''], ['KULA_NODE_DOMAIN', 'North!'], ['KULA_GATEWAY_URL', 'north'], ['KULA_OPERATOR_ID', 'did:key:z6MkA'], ['KULA_RECOVERY_KEY_HASH', 'x'],
    ['KULA_ISSUER_ENTRIES_PER_SECOND', '0'], ['KULA_ISSUER_BYTES_PER_DAY', 'much'], ['KULA_LINK_NATS_URL', 'https://edge'], ['KULA_LINK_CA', 'a certificate'], ['KULA_ADMISSION_SEED', 'SU'], ['KULA_SYSTEM_NKEY', 'SA'],
  ])('names %s where it is wrong', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(name));
  });
});
