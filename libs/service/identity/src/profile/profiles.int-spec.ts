import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cooperativeAnnounced, cooperativeProfiled, identity, nodeAnnounced, type Caller } from '@kula/contracts';
import { verifyDocument } from '@kula/kernel-crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { identityService } from '../identity-service.js';

const operator: Caller = { did: walletOf('operator north').did, role: 'operator' };
const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: operator.did,
};
const [NORTH, SOUTH] = [nodeIdOf('north'), nodeIdOf('south')];
const [mill, dairy, orchard] = [walletOf('mill'), walletOf('dairy'), walletOf('orchard')];
const as = (wallet: Wallet): Caller => ({ did: wallet.did, role: 'cooperative' });
const refusal = (code: string) => expect.objectContaining({ code });

/** Moments long past, one after the other. */
const at = (day: number) => `2020-01-${String(day).padStart(2, '0')}T09:00:00Z`;
const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

interface Words { description?: string | null; place?: string | null; capabilities?: string[]; units?: string[]; contact?: string | null; madeAt?: string; by?: Wallet; node?: string; domain?: `sep/${string}/v${number}` }

function said(wallet: Wallet, { by = wallet, node = NORTH, domain = 'sep/cooperative-profile/v1', madeAt = at(1), ...words }: Words = {}) {
  const fields = { description: 'We mill.\nEvery day.', place: null, capabilities: ['food.flour'], units: ['KGM'], contact: 'mill@north.example', ...words };
  const statement = { cooperative_id: wallet.did, node_id: node, ...fields, made_at: madeAt };
  return { input: { cooperativeId: wallet.did, ...fields, madeAt, signature: by.sign(domain, statement) }, statement };
}

let probe: ServiceProbe;
const set = (wallet: Wallet, words: Words = {}, caller: Caller | null = as(wallet)) => probe.ask(identity.setCooperativeProfile, said(wallet, words).input, caller);
const shown = async (wallet: Wallet) => (await probe.ask(identity.getCooperative, { cooperativeId: wallet.did })).profile;
const sent = async () => (await probe.sql<{ body: { statement: { made_at: string; cooperative_id: string } } }>(
  `SELECT payload -> 'body' AS body FROM outbox_message WHERE payload ->> 'type' = 'cooperative.profiled' ORDER BY position`)).map(({ body }) => body.statement);
const sentOf = async (wallet: Wallet) => (await sent()).filter(({ cooperative_id }) => cooperative_id === wallet.did).map(({ made_at }) => made_at);

function profiled(issuer: string, wallet: Wallet, words: Words = {}, seq?: number) {
  const { statement, input } = said(wallet, { node: issuer, ...words });
  return probe.deliver(cooperativeProfiled, { statement, signature: input.signature }, { issuer, ...(seq !== undefined && { seq }) });
}

function cooperativeBody(wallet: Wallet, node: string) {
  const statement = { cooperative_id: wallet.did, node_id: node, name: wallet.name, place: 'Riverside', made_at: at(1) };
  return { statement, signature: wallet.sign('sep/cooperative/v1', statement) };
}

/** Waits until everything delivered so far has been taken in: one consumer takes the entries in order. */
async function settled(): Promise<void> {
  const marker = nodeIdOf('marker');
  const { issuer, seq } = await probe.deliver(nodeAnnounced, {
    node_id: marker, name: 'Marker', domain: 'marker.example', gateway_url: 'https://marker.example', operator_id: operator.did, recovery_key_hash: null, protocol: 1,
  }, { issuer: marker });
  await until('the marker', async () => (await probe.sql('SELECT 1 FROM inbox_message WHERE message_id = $1', [`${issuer}:${seq}`])).length > 0);
}
const refusalOf = async ({ issuer, seq }: { issuer: string; seq: number }) => {
  await settled();
  return (await probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code;
};

beforeAll(async () => {
  probe = await ServiceProbe.start(identityService, SETTINGS);
  for (const wallet of [mill, dairy]) {
    const { statement: { name, place, made_at: madeAt }, signature } = cooperativeBody(wallet, NORTH);
    await probe.ask(identity.registerCooperative, { cooperativeId: wallet.did, name, place, madeAt, signature }, operator);
  }
  await probe.deliver(nodeAnnounced, {
    node_id: SOUTH, name: 'South', domain: 'south.example', gateway_url: 'https://south.example', operator_id: operator.did, recovery_key_hash: null, protocol: 1,
  }, { issuer: SOUTH });
});
afterAll(() => probe.stop());

describe('a cooperative of this node', () => {
  it('says what it offers, and announces what its own key signed', async () => {
    expect(await shown(mill)).toBeNull();
    const profile = { description: 'We mill.\nEvery day.', place: null, capabilities: ['food.flour'], units: ['KGM'], contact: 'mill@north.example', madeAt: at(1) };
    expect(await set(mill)).toMatchObject({ cooperativeId: mill.did, name: 'mill', place: 'Riverside', profile });
    expect(await shown(mill)).toEqual(profile);
    const draft = await until('the announcement', async () => (await probe.sent(cooperativeProfiled))[0]);
    expect(draft.subject).toBe(mill.did);
    const { statement, signature } = cooperativeProfiled.body.parse(draft.body);
    expect(verifyDocument(nodeEd25519, { signer: mill.did, domain: 'sep/cooperative-profile/v1', document: statement, signature })).toBe(true);
  });

  it('gets the same answer where it repeats itself, also at the same time, and announces it once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => set(dairy, { madeAt: at(2) })));
    expect(answers).toEqual(answers.map(() => answers[0]));
    await probe.restart();
    expect(await set(dairy, { madeAt: at(2) })).toEqual(answers[0]);
    expect(await sentOf(dairy)).toEqual([at(2)]);
  });

  it('replaces all of it by what it says later', async () => {
    const later = { description: null, place: 'Hillside', capabilities: ['food.bread', 'care'], units: [], contact: null };
    expect((await set(mill, { ...later, madeAt: at(5) })).profile).toEqual({ ...later, madeAt: at(5) });
    expect(await shown(mill)).toEqual({ ...later, madeAt: at(5) });
    expect(await sentOf(mill)).toEqual([at(1), at(5)]);
  });

  // Each row puts one more thing right: all that follow are still wrong, so the table walks the refusals in their order.
  it.each<[string, Wallet, Words, () => Caller | null]>([
    ['identity.bad_signature', orchard, { by: mill, madeAt: ahead(60) }, () => as(mill)],
    ['identity.bad_signature', orchard, { node: SOUTH, madeAt: ahead(60) }, () => as(mill)],
    ['identity.bad_signature', orchard, { domain: 'sep/cooperative/v1', madeAt: ahead(60) }, () => as(mill)],
    ['identity.not_your_cooperative', orchard, { madeAt: ahead(60) }, () => as(mill)],
    ['identity.not_your_cooperative', orchard, { madeAt: ahead(60) }, () => null],
    ['identity.cooperative_unknown', orchard, { madeAt: ahead(60) }, () => as(orchard)],
    ['identity.profile_from_future', mill, { madeAt: ahead(60) }, () => as(mill)],
    ['identity.profile_outdated', mill, { madeAt: at(4) }, () => as(mill)],
    ['message.malformed', mill, { capabilities: ['food.bread', 'food.bread'], madeAt: at(9) }, () => as(mill)],
    ['message.malformed', mill, { capabilities: ['Food'], madeAt: at(9) }, () => as(mill)],
    ['message.malformed', mill, { capabilities: Array.from({ length: 31 }, (_, index) => `food.a${index}`), madeAt: at(9) }, () => as(mill)],
    ['message.malformed', mill, { units: Array.from({ length: 11 }, (_, index) => `U${index}`), madeAt: at(9) }, () => as(mill)],
    ['message.malformed', mill, { description: 'N\0ul', madeAt: at(9) }, () => as(mill)],
  ])('is answered %s first', async (code, wallet, words, caller) => {
    const before = [await shown(mill), await sent()];
    await expect(set(wallet, words, caller())).rejects.toEqual(refusal(code));
    expect([await shown(mill), await sent()]).toEqual(before);
  });

  it('may be a few minutes ahead of the clock', async () => {
    expect((await set(dairy, { madeAt: ahead(3) })).profile?.units).toEqual(['KGM']);
  });
});

describe('the profile of a cooperative elsewhere', () => {
  const register = (wallet: Wallet) => probe.deliver(cooperativeAnnounced, cooperativeBody(wallet, SOUTH), { issuer: SOUTH });
  const profileAt = (day: number) => expect.objectContaining({ madeAt: at(day) });

  it('waits for its cooperative, over a restart, and is shown then', async () => {
    const early = walletOf('early');
    await profiled(SOUTH, early, { madeAt: at(3) });
    await settled();
    await probe.restart();
    await register(early);
    expect(await until('the profile', async () => (await shown(early).catch(() => null)) ?? undefined)).toEqual(profileAt(3));
  });

  it.each([[[1, 2, 3]], [[3, 2, 1]], [[2, 3, 1]]])('is the last one made where they arrive as %j, each twice', async (order) => {
    const wallet = walletOf(`reordered ${order.join()}`);
    await register(wallet);
    for (const day of [...order, ...order]) await profiled(SOUTH, wallet, { madeAt: at(day) });
    const repeated = await profiled(SOUTH, wallet, { madeAt: at(3) });
    await profiled(SOUTH, wallet, { madeAt: at(3) }, repeated.seq);
    expect(await refusalOf(repeated)).toBeUndefined();
    expect(await shown(wallet)).toEqual(profileAt(3));
  });

  it('is the same everywhere where two are made at one moment', async () => {
    const [one, other] = [walletOf('tie'), walletOf('tie turned')];
    for (const wallet of [one, other]) await register(wallet);
    // The hash is over the did as well, so each pair has its own winner: what is compared is that the order does not matter.
    for (const wallet of [one, other]) {
      const [left, right] = [{ madeAt: at(4), contact: 'left' }, { madeAt: at(4), contact: 'right' }];
      await profiled(SOUTH, wallet, left);
      await profiled(SOUTH, wallet, right);
      await settled();
      const first = await shown(wallet);
      await probe.sql('DELETE FROM cooperative_profile WHERE cooperative_id = $1', [wallet.did]);
      await profiled(SOUTH, wallet, right);
      await profiled(SOUTH, wallet, left);
      await settled();
      expect(await shown(wallet)).toEqual(first);
    }
  });

  it('does not count where it is made long after its entry, and the next one does', async () => {
    const wallet = walletOf('clock');
    await register(wallet);
    expect(await refusalOf(await profiled(SOUTH, wallet, { madeAt: ahead(90) }))).toBe('identity.profile_from_future');
    expect(await refusalOf(await profiled(SOUTH, wallet, { madeAt: ahead(30) }))).toBeUndefined();
    expect(await shown(wallet)).not.toBeNull();
  });

  it.each<[string, string, (wallet: Wallet) => Promise<{ issuer: string; seq: number }>]>([
    ['identity.bad_signature', 'by another key', (wallet) => profiled(SOUTH, wallet, { by: mill, madeAt: at(9) })],
    ['identity.bad_signature', 'for another purpose', (wallet) => profiled(SOUTH, wallet, { domain: 'sep/cooperative/v1', madeAt: at(9) })],
    ['identity.foreign_statement', 'through another node', (wallet) => profiled(nodeIdOf('marker'), wallet, { node: SOUTH, madeAt: at(9) })],
    ['identity.cooperative_unknown', 'at another node', (wallet) => profiled(nodeIdOf('marker'), wallet, { madeAt: at(9) })],
  ])('is refused as %s: one %s', async (code, how, forge) => {
    const wallet = walletOf(`genuine ${how}`);
    await settled();
    await register(wallet);
    await profiled(SOUTH, wallet, { madeAt: at(2) });
    await settled();
    expect(await shown(wallet)).toEqual(profileAt(2));
    expect(await refusalOf(await forge(wallet))).toBe(code);
    expect(await shown(wallet)).toEqual(profileAt(2));
  });
});
