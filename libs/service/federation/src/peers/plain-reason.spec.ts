import { describe, expect, it } from '@jest/globals';
import { PeerAnswerError } from '../link/link.errors.js';
import { plainReason } from './plain-reason.js';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('plainReason', () => {
  it.each<[unknown, RegExp]>([
    [coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), /^dial refused: .*\(connect ECONNREFUSED 127\.0\.0\.1:1\)$/],
    [coded('ENOTFOUND', 'getaddrinfo ENOTFOUND nowhere.example'), /^name not found/],
    [new Error('failed', { cause: coded('ENOTFOUND') }), /^name not found/],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname/IP does not match certificate\'s altnames'), /^certificate does not match: it is made for another name/],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), /^certificate does not match: nobody/],
    [coded('CERT_HAS_EXPIRED', 'certificate has expired'), /^certificate does not match: it has expired/],
    [coded('EPROTO', 'wrong version number'), /^the two ends do not agree on encryption/],
    [named('AuthorizationError', 'Authorization Violation'), /^credentials refused/],
    [new PeerAnswerError('the peer refuses: federation.peer_unknown: you are no peer of this node'), /^the peer refuses: federation\.peer_unknown/],
    [named('TimeoutError', 'timeout'), /^no answer in time \(timeout\)$/],
    [coded('ECONNRESET', 'read ECONNRESET'), /^connection lost/],
    [new Error('something new'), /^something new$/],
    ['a text', /^a text$/],
  ])('says of %p what it means', (error, words) => { expect(plainReason(error)).toMatch(words); });

  it('lets nothing through that a peer could draw on a screen, and ends', () => {
    expect(plainReason(new PeerAnswerError(`the peer refuses: \u001b[2Jx\n${'y'.repeat(1_000)}`))).toMatch(/^[^\p{Cc}]{300}$/u);
  });
});
