import { awaitCondition } from '../await-condition.js';
import { contracts } from '../node-client.js';
import { drawNetting } from '../pictures/draw-netting.js';
import type { Stage } from '../story.js';

/** The first party opens a run; every node nets the same set by itself; each party signs the result its own node computed. */
export async function clear({ cast, startedAt, teller }: Stage): Promise<void> {
  const { agreement, clearingRun: runId } = cast.dataset;
  const actors = agreement.parties.map((key) => cast.actor(key));
  const [clerk] = actors;
  if (clerk === undefined) throw new Error('an agreement has parties');
  await clerk.client.post('/v1/clearing-runs', { runId, agreementId: agreement.id }, 'open', contracts.clearing.openClearingRun);
  teller.fact(clerk.node.title, `${clerk.name} opens the run ${runId}`);
  await Promise.all(actors.map(async (actor) => {
    const run = await awaitCondition(`equal results at ${actor.node.title}`, async () => {
      const found = (await actor.client.all('/v1/clearing-runs', contracts.clearing.listClearingRuns)).find((candidate) => candidate.runId === runId);
      if (found?.state === 'disputed') throw new Error(`${actor.node.title} computed another result than its peers`);
      return found !== undefined && ['agreed', 'settled'].includes(found.state) && found;
    });
    const { setRoot, resultHash } = run;
    const madeAt = startedAt.toISOString();
    const statement = { run_id: runId, set_root: setRoot ?? '', result_hash: resultHash ?? '', party: actor.did, made_at: madeAt };
    await actor.client.post(`/v1/clearing-runs/${runId}/approvals`, { setRoot, resultHash, madeAt, signature: actor.wallet.sign('sep/clearing-result/v1', statement) }, 'approve', contracts.clearing.approveClearingRun);
    teller.fact(actor.node.title, `computes the run itself: ${run.result?.grossTotal} becomes ${run.result?.netTotal} (result ${resultHash?.slice(0, 10)}…); ${actor.name} signs`);
  }));
  const runs = await Promise.all(actors.map((actor) => awaitCondition(`the run to be settled at ${actor.node.title}`, async () => {
    const run = await actor.client.get(`/v1/clearing-runs/${runId}`, contracts.clearing.getClearingRun);
    return run.state === 'settled' && run;
  })));
  const result = runs[0]?.result;
  if (result === null || result === undefined) throw new Error('a settled run has a result');
  teller.picture(drawNetting(cast, agreement.unit, result));
  teller.fact('everywhere', `settled once: ${result.cleared} of ${result.grossTotal} ${agreement.unit} cleared, ${result.netTotal} remain, every position as before`);
}
