import { describe, expect, it } from '@jest/globals';
import { agreement, exchange, federation, matching } from '@kula/contracts';
import { MalformedMessageError } from '@kula/platform-messaging';
import { nodeIdOf } from '@kula/testing-fixtures';
import { route } from '../routes/route.js';
import { readInput, type SentFields } from './read-input.js';

const nothing: SentFields = { params: {}, query: {}, body: undefined };
const lists = route({ method: 'GET', path: '/v1/listings', operation: matching.listListings });
const publishes = route({ method: 'POST', path: '/v1/listings', operation: matching.publishListing });
const withdraws = route({ method: 'POST', path: '/v1/listings/{listingId}/withdrawal', operation: matching.withdrawListing });
const signals = route({ method: 'POST', path: '/v1/chains/{chainId}/legs/{legId}/signals', operation: exchange.giveSignal });
const drafts = route({ method: 'POST', path: '/v1/agreements', operation: agreement.draftAgreement });

function refused(at: Parameters<typeof readInput>[0], sent: Partial<SentFields>): readonly { pointer: string; detail: string }[] {
  try {
    readInput(at, { ...nothing, ...sent });
  } catch (error) {
    if (error instanceof MalformedMessageError) return error.fields;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the input of an operation', () => {
  it('comes from the query of a GET, with its defaults', () => {
    expect(readInput(lists, { ...nothing, query: { limit: '20', kind: 'need' } })).toEqual({ limit: 20, kind: 'need' });
    expect(readInput(lists, nothing)).toEqual({ limit: 50 });
  });

  it('comes from the path of a POST that has no body', () => {
    expect(readInput(withdraws, { ...nothing, params: { listingId: 'l-1' } })).toEqual({ listingId: 'l-1' });
  });

  it('comes from path and body together', () => {
    const body = { signal: 'started', madeAt: '2026-12-01T09:00:00Z', signature: 'A'.repeat(86) };
    expect(readInput(signals, { ...nothing, params: { chainId: 'c', legId: 'l' }, body })).toMatchObject({ chainId: 'c', legId: 'l', signal: 'started', answer: null });
  });

  it('refuses a field that nobody knows, by its pointer', () => {
    expect(refused(lists, { query: { sort: 'asc', 'a/b': '1' } })).toEqual([
      { pointer: '/sort', detail: 'is not a field of this operation' }, { pointer: '/a~1b', detail: 'is not a field of this operation' },
    ]);
    expect(refused(drafts, { body: { parties: [{ cooperative_id: 'x', home_node: nodeIdOf('north'), share: 1 }] } }))
      .toContainEqual({ pointer: '/parties/0/share', detail: 'is not a field of this operation' });
  });

  it('refuses a path field in the body', () => {
    expect(refused(withdraws, { params: { listingId: 'l-1' }, body: { listingId: 'l-2' } })).toEqual([{ pointer: '/listingId', detail: 'stands in the path only' }]);
  });

  it('refuses a query where the body is meant', () => {
    expect(refused(withdraws, { params: { listingId: 'l-1' }, query: { force: '1' } })).toEqual([{ pointer: '/force', detail: 'is not a query parameter of this operation' }]);
  });

  it.each([[[]], ['text'], [null], [7]])('refuses %p as a body', (body) => {
    expect(refused(publishes, { body })).toEqual([{ pointer: '', detail: 'must be a JSON object' }]);
  });

  it('refuses a path field of the wrong form', () => {
    expect(refused(withdraws, { params: { listingId: 'a b' } })).toMatchObject([{ pointer: '/listingId' }]);
  });

  it('refuses a query parameter that is given twice', () => {
    expect(refused(lists, { query: { kind: ['need', 'offering'] } })).toMatchObject([{ pointer: '/kind' }]);
    expect(refused(lists, { query: { limit: ['1', '2'] } })).toMatchObject([{ pointer: '/limit' }]);
  });

  it.each(['\0', 'a\ud800', '\udc00b'])('refuses text that cannot be kept: %j', (text) => {
    expect(refused(drafts, { body: { title: text } })).toEqual([{ pointer: '/title', detail: 'must be well-formed text without null characters' }]);
  });

  it('refuses a body nested without end', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    expect(refused(publishes, { body: { title: deep } })).toMatchObject([{ detail: 'is nested deeper than 32 levels' }]);
  });

  it('names at most twenty fields', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, 1]));
    expect(refused(publishes, { body: many })).toHaveLength(20);
  });

  it('reads numbers of a query and nothing that only looks like one', () => {
    const entries = route({ method: 'GET', path: '/v1/federation/entries', operation: federation.listEntries });
    expect(readInput(entries, { ...nothing, query: { issuer: nodeIdOf('north'), from: '7' } })).toMatchObject({ from: 7, limit: 50 });
    expect(refused(entries, { query: { issuer: nodeIdOf('north'), from: 'seven' } })).toMatchObject([{ pointer: '/from' }]);
    expect(refused(entries, { query: {} })).toMatchObject([{ pointer: '/issuer' }]);
  });
});
