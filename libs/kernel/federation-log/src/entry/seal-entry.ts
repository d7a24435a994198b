import { invariant } from '@kula/kernel-primitives';
import { canonicalBytes, portableCodec, type Ed25519 } from '@kula/kernel-crypto';
import { ENTRY_BYTES_MAX, entryId, GENESIS_PREVIOUS, hashEntryWith, readKid, type EntryPayload, type Head } from './entry.js';
import { isBoundedJson } from './bounded-json.js';
import { headerText } from './entry-parts.js';
import { payloadFault } from './payload-shape.js';
import { refuseEntry, type EntryRefusal } from './refusal.js';

/** A sealed entry, ready to be stored and published. */
export interface SealedEntry {
  /** The exact signed bytes; ASCII. */
  readonly jws: string;
  /** `<iss>:<seq>`, also the transport's message id. */
  readonly id: string;
  readonly seq: number;
  readonly hash: string;
}

const utf8 = new TextEncoder();
/** A full stop and 64 bytes in base64url. */
const SIGNATURE_PART_LENGTH = 87;

/**
 * The signed entry of a payload, or a refusal where peers would refuse it: too large or malformed.
 *
 * Deterministic: the payload is written as canonical JSON, whatever the order of its members, and Ed25519 signatures
 * are too. Sealing one place of the log again gives the same bytes, so a crash before storing is no equivocation.
 *
 * @param privateKey 32 bytes.
 * @throws InvariantError where the key belongs to another node than the issuer.
 */
export function sealEntry(ed25519: Ed25519, privateKey: Uint8Array, kid: string, payload: EntryPayload): SealedEntry | EntryRefusal {
  invariant(readKid(kid)?.nodeId === payload.iss, 'the key that seals an entry belongs to its issuer');
  const document = { ...payload };
  if (!isBoundedJson(document)) return refuseEntry('entry.malformed', 'the payload is not JSON that all readers read alike');
  const fault = payloadFault(document);
  if (fault !== undefined) return refuseEntry('entry.malformed', fault);
  const { toBase64url } = ed25519.codec ?? portableCodec;
  const signedText = `${toBase64url(utf8.encode(headerText(kid)))}.${toBase64url(canonicalBytes(document))}`;
  if (signedText.length + SIGNATURE_PART_LENGTH > ENTRY_BYTES_MAX) {
    return refuseEntry('entry.too_large', `an entry has at most ${ENTRY_BYTES_MAX} bytes`);
  }
  const jws = `${signedText}.${toBase64url(ed25519.sign(privateKey, utf8.encode(signedText)))}`;
  return { jws, id: entryId(payload.iss, payload.seq), seq: payload.seq, hash: hashEntryWith(ed25519, jws) };
}

/** What a service asks to have logged: a payload without its place in the log. */
export type EntryDraft = Omit<EntryPayload, 'v' | 'net' | 'iss' | 'seq' | 'prev'>;

/** The node that seals. */
export interface Sealer {
  readonly kid: string;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** Federation id. */
  readonly net: string;
}

/** What became of a batch of drafts. `draft` is the place of the draft in the batch. */
export interface SealedBatch {
  readonly entries: readonly (SealedEntry & { readonly draft: number })[];
  readonly refused: readonly (EntryRefusal & { readonly draft: number })[];
  readonly head: Head | undefined;
}

/**
 * Seals drafts one after the other from a head; undefined is the head of an empty log.
 *
 * A draft that no peer would accept is refused and takes no sequence number, so that it cannot block those behind it.
 *
 * @invariant the sealed entries continue the head without a gap, in the order of their drafts.
 */
export function sealBatch(ed25519: Ed25519, sealer: Sealer, head: Head | undefined, drafts: readonly EntryDraft[]): SealedBatch {
  const iss = readKid(sealer.kid)?.nodeId;
  invariant(iss !== undefined, 'a sealer has the kid of a node');
  const entries: (SealedEntry & { draft: number })[] = [];
  const refused: (EntryRefusal & { draft: number })[] = [];
  let last = head;
  for (const [draft, content] of drafts.entries()) {
    const place = { v: 1, net: sealer.net, iss, seq: (last?.seq ?? 0) + 1, prev: last?.hash ?? GENESIS_PREVIOUS } as const;
    const sealed = sealEntry(ed25519, sealer.privateKey, sealer.kid, { ...content, ...place });
    if ('refused' in sealed) {
      refused.push({ ...sealed, draft });
      continue;
    }
    entries.push({ ...sealed, draft });
    last = { seq: sealed.seq, hash: sealed.hash };
  }
  return { entries, refused, head: last };
}
