import { describe, expect, it } from '@jest/globals';
import { readSettings } from '@kula/platform-runtime';
import { walletOf } from '@kula/testing-fixtures';
import { identitySettings } from './identity.settings.js';

const GOOD = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'https://north.example', KULA_OPERATOR_ID: walletOf('dia').did,
};

describe('identitySettings', () => {
  it('take a node with a name, a domain, an address and an operator', () => {
    expect(readSettings(identitySettings, 'identity', GOOD)).toEqual(GOOD);
  });
  it.each<[keyof typeof GOOD, string]>([
    ['KULA_NODE_NAME', ''], ['KULA_NODE_NAME', 'two\nlines'], ['KULA_NODE_DOMAIN', 'North Example'], ['KULA_GATEWAY_URL', 'nats://north.example'],
    ['KULA_GATEWAY_URL', 'javascript:alert(1)'], ['KULA_OPERATOR_ID', 'dia'], ['KULA_OPERATOR_ID', `did:key:z6Mk${'z'.repeat(44)}`],
  ])('refuse %s=%j and name it', (name, value) => {
    expect(() => readSettings(identitySettings, 'identity', { ...GOOD, [name]: value })).toThrow(new RegExp(`\\n  ${name}: `));
  });
});
