import { hashDocument, type Json } from '@kula/kernel-crypto';
import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import type { Stage } from '../story.js';

/** The first party drafts and proposes; each party signs the full terms at home; it is active when all have. */
export async function signAgreement({ cast, startedAt, teller }: Stage): Promise<void> {
  const { id, title, text, parties, unit, scale, periodDays } = cast.dataset.agreement;
  const actors = parties.map((key) => cast.actor(key));
  const [drafter] = actors;
  if (drafter === undefined) throw new Error('an agreement has parties');
  await awaitCondition(`${drafter.name} to know the other parties`, async () => (await drafter.client.all('/v1/cooperatives', contracts.identity.listCooperatives)).length >= actors.length);
  await drafter.client.post('/v1/agreements', {
    agreementId: id, type: 'ClearingArrangement', title, text, parties: actors.map((actor) => ({ cooperative_id: actor.did, home_node: actor.node.nodeId })),
    clearing: { unit, scale, period_days: periodDays }, effectiveFrom: startedAt.toISOString(), effectiveUntil: null,
  }, 'draft', contracts.agreement.draftAgreement);
  teller.fact(drafter.node.title, `${drafter.name} drafts "${title}"`);
  await drafter.client.post(`/v1/agreements/${id}/proposal`, {}, 'propose', contracts.agreement.proposeAgreement);
  await Promise.all(actors.map(async (actor) => {
    const { terms, termsHash } = await awaitCondition(`the agreement to reach ${actor.name}`, async () => {
      const found = await actor.client.all('/v1/agreements', contracts.agreement.listAgreements);
      return found.find(({ agreementId, state }) => agreementId === id && state !== 'draft');
    });
    if (hashDocument(terms as Json) !== termsHash) throw new Error(`${actor.name} is shown other terms than those to be signed`);
    const madeAt = startedAt.toISOString();
    const statement = { agreement_id: id, version: terms.version, terms_hash: termsHash, party: actor.did, made_at: madeAt };
    await actor.client.post(`/v1/agreements/${id}/signatures`, { termsHash, madeAt, signature: actor.wallet.sign('sep/agreement/v1', statement) }, 'sign', contracts.agreement.signAgreement);
    teller.fact(actor.node.title, `${actor.name} signs`);
  }));
  await Promise.all(actors.map(async (actor) => {
    await awaitCondition(`the agreement to be active at ${actor.node.title}`, async () =>
      (await actor.client.get(`/v1/agreements/${id}`, contracts.agreement.getAgreement)).state === 'active');
    teller.fact(actor.node.title, 'the agreement is active: every party has signed');
  }));
}
