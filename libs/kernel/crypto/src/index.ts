export { fromBase64url, toBase64url } from './base64url.js';
export { portableCodec, type ByteCodec } from './byte-codec.js';
export { canonicalBytes, canonicalJson, type Json } from './canonical-json.js';
export { didOfKey, isDid, keyOfDid, keyOfNodeId, nodeIdOfKey, type Did, type NodeId } from './did-key.js';
export { portableEd25519 } from './portable-ed25519.js';
export {
  hashBytes, hashDocument, signDocument, signingBytes, verifyDocument, type Ed25519, type SignatureDomain, type SignedDocument,
} from './signatures.js';
