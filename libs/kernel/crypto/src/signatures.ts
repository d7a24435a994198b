import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64url, toBase64url } from './base64url.js';
import type { ByteCodec } from './byte-codec.js';
import { canonicalBytes, canonicalJson, type Json } from './canonical-json.js';
import { keyOfDid } from './did-key.js';

/** Ed25519 (RFC 8032) over raw bytes. Keys are 32 bytes, signatures 64. Adapters: portable (noble) and Node's own crypto. */
export interface Ed25519 {
  /** The platform's own way with bytes, where it has a faster one. Absent: portableCodec. */
  readonly codec?: ByteCodec;
  publicKey(privateKey: Uint8Array): Uint8Array;
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What a signature is for. A signature made for one purpose never verifies for another. */
export type SignatureDomain = `sep/${string}/v${number}`;

const utf8 = new TextEncoder();

/** Bytes that a party signs: the purpose, a zero byte, then the canonical document. */
export function signingBytes(domain: SignatureDomain, document: Json): Uint8Array {
  return utf8.encode(`${domain}\0${canonicalJson(document)}`);
}

/** Detached signature of a document for one purpose, base64url. */
export function signDocument(ed25519: Ed25519, privateKey: Uint8Array, domain: SignatureDomain, document: Json): string {
  return toBase64url(ed25519.sign(privateKey, signingBytes(domain, document)));
}

/** What is to be checked: who is said to have signed which document for what. */
export interface SignedDocument {
  readonly signer: string;
  readonly domain: SignatureDomain;
  readonly document: Json;
  readonly signature: string;
}

/** True only where the signer's own key made the signature over exactly this document for this purpose. Never throws on bad input. */
export function verifyDocument(ed25519: Ed25519, { signer, domain, document, signature }: SignedDocument): boolean {
  const key = keyOfDid(signer);
  const bytes = fromBase64url(signature);
  if (key === undefined || bytes?.length !== 64) return false;
  return ed25519.verify(key, signingBytes(domain, document), bytes);
}

/** SHA-256 of bytes, base64url. */
export const hashBytes = (bytes: Uint8Array): string => toBase64url(sha256(bytes));

/** SHA-256 of the canonical form of a document, base64url: the name by which parties refer to full terms. */
export const hashDocument = (document: Json): string => hashBytes(canonicalBytes(document));
