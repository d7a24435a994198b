import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64url, toBase64url } from './base64url.js';

/**
 * Turning bytes into names and back: what every entry goes through beside its signature.
 *
 * @invariant every codec gives what portableCodec gives, for every argument; a platform's own is only faster.
 */
export interface ByteCodec {
  /** SHA-256 of the text's UTF-8 bytes, base64url. */
  hashText(text: string): string;
  /** Base64url text without padding. */
  toBase64url(bytes: Uint8Array): string;
  /** Bytes of base64url text, or undefined where the text is not the one canonical form. */
  fromBase64url(text: string): Uint8Array | undefined;
}

const utf8 = new TextEncoder();

/** The codec in plain JavaScript. */
export const portableCodec: ByteCodec = {
  hashText: (text) => toBase64url(sha256(utf8.encode(text))),
  toBase64url,
  fromBase64url,
};
