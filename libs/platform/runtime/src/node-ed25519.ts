import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import type { ByteCodec, Ed25519 } from '@kula/kernel-crypto';

/** DER prefixes of Ed25519 keys (RFC 8410): the 32 raw bytes follow. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const CACHE_MAX = 4096;

const base64urlOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

function fromBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Buffer passes over what it cannot read: only text that comes back unchanged was canonical.
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Bytes and text by Node's own code: about 10 times faster than portableCodec. */
const nodeCodec: ByteCodec = { hashText: (text) => hash('sha256', text, 'base64url'), toBase64url: base64urlOf, fromBase64url };

function cached(make: (raw: Uint8Array) => KeyObject): (raw: Uint8Array) => KeyObject {
  const keys = new Map<string, KeyObject>();
  return (raw) => {
    const name = base64urlOf(raw);
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = make(raw);
    if (keys.size >= CACHE_MAX) keys.clear();
    keys.set(name, key);
    return key;
  };
}

const privateKeyOf = cached((raw) => createPrivateKey({ key: Buffer.concat([PKCS8, raw]), format: 'der', type: 'pkcs8' }));
const publicKeyOf = cached((raw) => createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' }));

/** Ed25519 by Node's own crypto: about 40 µs to sign, 120 µs to verify. Keys are parsed once. */
export const nodeEd25519: Ed25519 = {
  codec: nodeCodec,
  publicKey: (privateKey) => createPublicKey(privateKeyOf(privateKey)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length),
  sign: (privateKey, message) => sign(null, message, privateKeyOf(privateKey)),
  verify: (publicKey, message, signature) => publicKey.length === 32 && verify(null, message, publicKeyOf(publicKey), signature),
};
