import { nodeIdOfKey, type Ed25519, type NodeId } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { keyOfName } from '@kula/testing-fixtures';

/** The keys of a node: those it signs with, one after the other, and the one for emergencies. */
export interface NodeKeys {
  readonly name: string;
  readonly id: NodeId;
  readonly signing: readonly Uint8Array[];
  /** Their public halves. */
  readonly public: readonly Uint8Array[];
  readonly recovery: Uint8Array;
  readonly recoveryPublic: Uint8Array;
}

/** Keys every node has: it changes them at most so often, less one. */
export const SIGNING_KEYS = 3;

const keyRings = new Map<string, NodeKeys>();

/** The same name always has the same keys. */
export function keysOf(name: string): NodeKeys {
  const known = keyRings.get(name);
  if (known !== undefined) return known;
  const signing = Array.from({ length: SIGNING_KEYS }, (_unused, index) => keyOfName(`${name} key ${index + 1}`));
  const recovery = keyOfName(`${name} recovery`);
  const publicKeys = signing.map((key) => nodeEd25519.publicKey(key));
  const keys = { name, id: nodeIdOfKey(publicKeys[0]!), signing, public: publicKeys, recovery, recoveryPublic: nodeEd25519.publicKey(recovery) };
  keyRings.set(name, keys);
  return keys;
}

interface Verdict {
  readonly key: string;
  readonly message: Uint8Array;
  readonly holds: boolean;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/**
 * Real Ed25519 that remembers: what was signed here holds for the key that signed, anything else is verified, once.
 *
 * @param isBlind takes everything for signed.
 */
export function rememberingEd25519(isBlind: boolean): Ed25519 {
  const verdicts = new Map<string, Verdict>();
  return {
    ...nodeEd25519,
    sign: (privateKey, message) => {
      const signature = nodeEd25519.sign(privateKey, message);
      verdicts.set(textOf(signature), { key: textOf(publicKeyOf(privateKey)), message, holds: true });
      return signature;
    },
    verify: (key, message, signature) => {
      if (isBlind) return true;
      const known = verdicts.get(textOf(signature));
      if (known !== undefined && known.key === textOf(key) && Buffer.compare(known.message, message) === 0) return known.holds;
      const holds = nodeEd25519.verify(key, message, signature);
      if (known === undefined) verdicts.set(textOf(signature), { key: textOf(key), message, holds });
      return holds;
    },
  };
}

const publicKeys = new Map<string, Uint8Array>();

function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const name = textOf(privateKey);
  const known = publicKeys.get(name) ?? nodeEd25519.publicKey(privateKey);
  publicKeys.set(name, known);
  return known;
}
