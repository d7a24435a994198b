import { getPublicKey, hashes, sign, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import type { Ed25519 } from './signatures.js';

hashes.sha512 = sha512;

/** Ed25519 in plain JavaScript: for browsers, wallets and tests. About 12 times slower to verify than Node's own crypto. */
export const portableEd25519: Ed25519 = {
  publicKey: (privateKey) => getPublicKey(privateKey),
  sign: (privateKey, message) => sign(message, privateKey),
  verify: (publicKey, message, signature) => {
    try {
      return verify(signature, message, publicKey);
    } catch {
      // noble throws on points and scalars that are not canonical; to a caller that is simply a bad signature.
      return false;
    }
  },
};
