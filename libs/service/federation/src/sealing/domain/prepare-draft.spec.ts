import { describe, expect, it } from '@jest/globals';
import { didOfKey, portableEd25519, verifyDocument } from '@kula/kernel-crypto';
import { prepareDraft, type UnsignedDraft } from './prepare-draft.js';

const key = new Uint8Array(32).fill(7);
const north = didOfKey(portableEd25519.publicKey(key));
const draft: UnsignedDraft = { topic: 'chains', type: 'chain.answered', subject: 'ring-1', body: { chain_id: 'ring-1', status: 'validated' } };
const prepare = (changes: Partial<UnsignedDraft>) => prepareDraft(portableEd25519, key, { ...draft, ...changes }, 1_000);

describe('prepareDraft', () => {
  it('keeps topic, type, subject and body, and leaves out what was not given', () => {
    expect(prepare({})).toEqual({ topic: 'chains', type: 'chain.answered', sub: 'ring-1', ts: 1_000, body: draft.body });
  });

  it('keeps who is addressed, what is answered and until when', () => {
    expect(prepare({ to: 'z6Mk', re: 'hash', exp: 5 })).toMatchObject({ to: 'z6Mk', re: 'hash', exp: 5 });
  });

  it('fills the named field with the signature of the node over the rest of the body', () => {
    const prepared = prepare({ nodeSignature: { field: 'signature', domain: 'sep/chain-response/v1' } });
    const { signature, ...document } = 'body' in prepared ? prepared.body : {};
    expect(document).toEqual(draft.body);
    const signed = { signer: north, domain: 'sep/chain-response/v1', document, signature: String(signature) } as const;
    expect(verifyDocument(portableEd25519, signed)).toBe(true);
    expect(verifyDocument(portableEd25519, { ...signed, domain: 'sep/consent/v1' })).toBe(false);
  });

  it.each<[string, Partial<UnsignedDraft>, string]>([
    ['a signature over no declared domain', { nodeSignature: { field: 'signature', domain: 'anything' } }, 'draft.malformed'],
    ['a signature in a field that is taken', { nodeSignature: { field: 'status', domain: 'sep/consent/v1' } }, 'draft.malformed'],
    ['a body that a database could not store', { body: { text: 'a\0b' } }, 'entry.malformed'],
    ['a body with half a character', { body: { text: '\ud800' }, nodeSignature: { field: 'signature', domain: 'sep/consent/v1' } }, 'entry.malformed'],
    ['a change of keys', { topic: 'announce', type: 'key.rotated' }, 'draft.malformed'],
    ['a checkpoint', { topic: 'announce', type: 'log.checkpoint' }, 'draft.malformed'],
  ])('refuses %s', (_, changes, code) => {
    expect(prepare(changes)).toMatchObject({ refused: code });
  });
});
