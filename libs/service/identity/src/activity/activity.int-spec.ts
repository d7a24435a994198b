import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { defineMessage, federation, identity, nodeAnnounced, type FederationMessage } from '@kula/contracts';
import { startService, type RunningService, type ServiceDefinition } from '@kula/platform-host';
import { Operation } from '@kula/platform-messaging';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { z } from 'zod';
import { identityService } from '../identity-service.js';

const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: walletOf('dia').did,
};
const [NORTH, SOUTH] = [nodeIdOf('north'), nodeIdOf('south')];

/** What the played federation service says. */
const link: z.output<typeof federation.federationStatus>['links'][number] = {
  peer: SOUTH, name: 'South', state: 'waiting', lastError: 'not reached', lastEntryAt: '2027-01-01T00:00:00.000Z', received: 7, refused: 0,
};

@Controller()
class StatusController {
  @Operation(federation.getFederationStatus)
  async status(): Promise<z.input<typeof federation.getFederationStatus.output>> {
    return { nodeId: NORTH, network: 'test', fault: null, heads: [], links: [link], unsealed: 0, setAside: 0, unpublished: 0 };
  }
}

@Module({ controllers: [StatusController] })
class FederationModule {}

/** The identity service, and the environment it was started in for others to live there as well. */
let surroundings: Record<string, string> = {};
const identityInView: ServiceDefinition = {
  name: identityService.name,
  module: (settings, env) => {
    surroundings = { KULA_NODE_ID: settings.KULA_NODE_ID, KULA_NATS_URL: settings.KULA_NATS_URL, KULA_DATABASE_URL: settings.KULA_DATABASE_URL, KULA_LOG_LEVEL: 'error' };
    return identityService.module(settings, env);
  },
};

let probe: ServiceProbe;
let played: RunningService | undefined;
beforeAll(async () => {
  probe = await ServiceProbe.start(identityInView, SETTINGS);
  await probe.deliver(nodeAnnounced, {
    node_id: SOUTH, name: 'South', domain: 'south.example', gateway_url: 'https://south.example', operator_id: walletOf('operator').did, recovery_key_hash: null, protocol: 1,
  }, { issuer: SOUTH });
});
afterEach(async () => { await played?.stop(); });
afterAll(() => probe.stop());

const record = (nodeId: string) => probe.ask(identity.findNode, { nodeId });
const seqOf = async (nodeId: string) => (await record(nodeId)).lastEntry?.seq;
const lifeSign = (topic: FederationMessage['topic']) => defineMessage({ topic, type: 'life.sign', body: z.looseObject({}) });

describe('the last entry of a node', () => {
  it('is not known of a node of which none has come', async () => {
    expect(await record(NORTH)).toMatchObject({ lastEntry: null, keyNo: 1, disputedClaims: 0 });
  });

  it.each(['announce', 'graph', 'chains', 'disputes', 'attestations', 'agreements', 'clearing', 'governance'] as const)('is noted where it is about %s', async (topic) => {
    const { seq } = await probe.deliver(lifeSign(topic), {}, { issuer: SOUTH });
    await until('the entry', async () => (await seqOf(SOUTH)) === seq);
    const { lastEntry } = await record(SOUTH);
    expect(Date.parse(lastEntry?.sealedAt ?? '')).toBeLessThanOrEqual(Date.parse(lastEntry?.receivedAt ?? ''));
  });

  it('is the one with the greatest number, however they come, and stays over a restart', async () => {
    await probe.deliver(lifeSign('chains'), {}, { issuer: SOUTH, seq: 40 });
    await until('the later one', async () => (await seqOf(SOUTH)) === 40);
    const { lastEntry } = await record(SOUTH);
    for (const seq of [39, 40, 12]) await probe.deliver(lifeSign('chains'), {}, { issuer: SOUTH, seq });
    await probe.deliver(lifeSign('chains'), {}, { issuer: NORTH, seq: 3 });
    await until('what came behind them', async () => (await seqOf(NORTH)) === 3);
    expect((await record(SOUTH)).lastEntry).toEqual(lastEntry);
    await probe.restart();
    expect((await record(SOUTH)).lastEntry).toEqual(lastEntry);
    expect(await seqOf(NORTH)).toBe(3);
  });
});

describe('the link to a node', () => {
  it('is null while the federation service does not answer, and as that says when it does', async () => {
    expect(await record(SOUTH)).toMatchObject({ link: null, behind: null });
    played = await startService({ name: 'federation', module: () => FederationModule }, surroundings);
    const linked = await until('the federation service to be heard', async () => {
      const south = await record(SOUTH);
      return south.link !== null && south;
    });
    expect(linked).toMatchObject({ link: { state: 'waiting', lastError: 'not reached', lastEntryAt: '2027-01-01T00:00:00.000Z' }, behind: null });
    expect((await probe.ask(identity.listNodes, {})).items.map(({ nodeId, link: said }) => [nodeId, said?.state ?? null]).sort())
      .toEqual([[NORTH, null], [SOUTH, 'waiting']].sort());
  });
});
