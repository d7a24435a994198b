import { describe, expect, it } from '@jest/globals';
import { portableCodec, portableEd25519, type ByteCodec } from '@kula/kernel-crypto';
import fc from 'fast-check';
import { nodeEd25519 } from './node-ed25519.js';

const codec = nodeEd25519.codec as ByteCodec;

describe('the codec of Node', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'é', '🥖', '\ud83e', '\udd56', '\0') }));
  const base64url = fc.oneof(
    fc.uint8Array().map(portableCodec.toBase64url),
    fc.string({ unit: fc.constantFrom(...'AQgwzB01-_.=+/ \n~é\u0141🥖') }),
    fc.string({ unit: fc.constantFrom(...'AQgwzB01-_') }),
  );

  it('hashes any text as the portable one does', () => {
    fc.assert(fc.property(text, (any) => expect(codec.hashText(any)).toBe(portableCodec.hashText(any))), { numRuns: 500 });
  });

  it('writes any bytes as the portable one does', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.nat({ max: 3 }), (bytes, from) => {
      expect(codec.toBase64url(bytes.subarray(from))).toBe(portableCodec.toBase64url(bytes.subarray(from)));
    }));
  });

  it('reads canonical text and refuses every other, as the portable one does', () => {
    fc.assert(fc.property(base64url, (any) => {
      const [read, wanted] = [codec.fromBase64url(any), portableCodec.fromBase64url(any)];
      expect(read && [...read]).toEqual(wanted && [...wanted]);
    }), { numRuns: 2_000 });
  });
});

describe('the signatures of Node', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

  it('are those of the portable code', () => {
    fc.assert(fc.property(bytes(32), fc.uint8Array(), (privateKey, message) => {
      const signature = portableEd25519.sign(privateKey, message);
      const publicKey = portableEd25519.publicKey(privateKey);
      expect([...nodeEd25519.sign(privateKey, message)]).toEqual([...signature]);
      expect([...nodeEd25519.publicKey(privateKey)]).toEqual([...publicKey]);
      expect(nodeEd25519.verify(publicKey, message, signature)).toBe(true);
      expect(nodeEd25519.verify(publicKey, Uint8Array.of(...message, 1), signature)).toBe(false);
    }), { numRuns: 20 });
  });
});
