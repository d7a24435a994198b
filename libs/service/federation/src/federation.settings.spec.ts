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

  it('announces what the node is told to be', () => {
    expect(read({ KULA_RECOVERY_KEY_HASH: 'A'.repeat(43) }).own.announcement).toEqual({
      node_id: nodeIdOf('north'), name: 'North', domain: 'north.example', gateway_url: 'https://north.example', operator_id: walletOf('operator').did,
      recovery_key_hash: 'A'.repeat(43), protocol: 1,
    });
  });

  it('refuses a key that the node id was not made of, without quoting it', () => {
    const other = toBase64url(keyOfName('node south'));
    expect(() => read({ KULA_NODE_KEY: other })).toThrow(/not the key that KULA_NODE_ID was made of/);
    expect(() => read({ KULA_NODE_KEY: other })).not.toThrow(other);
  });

  it.each([
    ['KULA_NODE_KEY', 'short'], ['KULA_NETWORK', 'a b'], ['KULA_FEDERATION_NATS_URL', 'https://edge'], ['KULA_FEDERATION_NKEY', 'SA'],
    ['KULA_NODE_NAME', ''], ['KULA_NODE_DOMAIN', 'North!'], ['KULA_GATEWAY_URL', 'north'], ['KULA_OPERATOR_ID', 'did:key:z6MkA'], ['KULA_RECOVERY_KEY_HASH', 'x'],
  ])('names %s where it is wrong', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(name));
  });
});
