import { awaitCondition } from '../await-condition.js';
import { contracts, ProblemError } from '../node-client.js';
import type { Stage } from '../story.js';

/** The debtor records what it owes, the creditor confirms the same statement; both with their own keys. */
export async function oblige({ cast, startedAt, teller }: Stage): Promise<void> {
  const { agreement, obligations } = cast.dataset;
  await Promise.all(obligations.map(async ({ id, debtor, creditor, amount, reference }) => {
    const owes = cast.actor(debtor);
    const isOwed = cast.actor(creditor);
    const madeAt = startedAt.toISOString();
    const statement = {
      obligation_id: id, agreement_id: agreement.id, debtor: owes.did, creditor: isOwed.did, amount, unit: agreement.unit, reference, due_at: null, made_at: madeAt,
    };
    await awaitCondition(`${owes.name} to be able to record`, () => notBefore(() => owes.client.post('/v1/obligations', {
      obligationId: id, agreementId: agreement.id, debtor: owes.did, creditor: isOwed.did, amount, unit: agreement.unit, reference, madeAt,
      signature: owes.wallet.sign('sep/obligation/v1', statement),
    }, `record ${id}`, contracts.clearing.recordObligation)));
    const { statementHash } = await awaitCondition(`${id} to reach ${isOwed.name}`, async () =>
      (await isOwed.client.all('/v1/obligations', contracts.clearing.listObligations)).find(({ obligationId }) => obligationId === id));
    await isOwed.client.post(`/v1/obligations/${id}/confirmation`, { statementHash, signature: isOwed.wallet.sign('sep/obligation/v1', statement) }, `confirm ${id}`, contracts.clearing.confirmObligation);
    teller.fact(isOwed.node.title, `${owes.name} owes ${isOwed.name} ${amount} ${agreement.unit}: signed by both`);
  }));
  await Promise.all(cast.cooperatives.map((actor) => awaitCondition(`all obligations to be open at ${actor.node.title}`, async () => {
    const found = await actor.client.all('/v1/obligations', contracts.clearing.listObligations);
    return found.filter(({ state }) => state !== 'recorded').length >= obligations.length;
  })));
}

/** The answer, or undefined while clearing has not yet heard that the agreement is active. */
async function notBefore<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProblemError && ['clearing.agreement_unknown', 'clearing.agreement_not_active'].includes(error.code)) return undefined;
    throw error;
  }
}
