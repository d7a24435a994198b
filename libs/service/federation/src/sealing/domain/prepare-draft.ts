import { signDocument, type Ed25519, type Json, type SignatureDomain } from '@kula/kernel-crypto';
import { isBoundedJson, type EntryBody, type EntryDraft } from '@kula/kernel-federation-log';

/** What a service asks to have logged, as it arrived. */
export interface UnsignedDraft {
  readonly topic: string;
  readonly type: string;
  readonly subject: string;
  readonly to?: string | undefined;
  readonly re?: string | undefined;
  readonly exp?: number | undefined;
  /** Body member to be filled with the node's own detached signature over the rest of the body. */
  readonly nodeSignature?: { readonly field: string; readonly domain: string } | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Why a draft cannot be sealed. */
export interface DraftRefusal {
  readonly refused: 'draft.malformed' | 'entry.malformed' | 'entry.too_large';
  readonly detail: string;
}

const DOMAIN = /^sep\/[a-z0-9-]+\/v[1-9][0-9]*$/;

/** Entries by which keys and checkpoints change: a wrong one would end the log for every peer. */
const RESERVED: ReadonlySet<string> = new Set(['node.announced', 'key.rotated', 'key.recovered', 'log.checkpoint']);

const isDomain = (text: string): text is SignatureDomain => DOMAIN.test(text);

/** The draft with the node's signature filled in, ready to be given its place in the log, or why it cannot be. */
export function prepareDraft(ed25519: Ed25519, privateKey: Uint8Array, draft: UnsignedDraft, ts: number): EntryDraft | DraftRefusal {
  const { topic, type, subject: sub, to, re, exp, nodeSignature } = draft;
  if (topic === 'announce' && RESERVED.has(type)) return { refused: 'draft.malformed', detail: `only the federation service itself writes an entry ${type}` };
  if (!isBoundedJson(draft.body)) return { refused: 'entry.malformed', detail: 'the body is not JSON that all readers read alike' };
  const plain = draft.body as { readonly [name: string]: Json | undefined };
  const body = nodeSignature === undefined ? plain : signedBody(ed25519, privateKey, plain, nodeSignature);
  if (body === undefined) return { refused: 'draft.malformed', detail: 'the node signature has no domain, or its field is taken' };
  return { topic, type, sub, ts, ...(to !== undefined && { to }), ...(re !== undefined && { re }), ...(exp !== undefined && { exp }), body };
}

function signedBody(
  ed25519: Ed25519, privateKey: Uint8Array, body: EntryBody, { field, domain }: { readonly field: string; readonly domain: string },
): EntryBody | undefined {
  if (!isDomain(domain) || Object.hasOwn(body, field)) return undefined;
  return { ...body, [field]: signDocument(ed25519, privateKey, domain, body) };
}
