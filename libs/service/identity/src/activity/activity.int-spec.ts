import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Controller, Module } from '@nestjs/common';
import { federation, identity, keyRotated, nodeAnnounced } from '@kula/contracts';
import { startService, type RunningService, type ServiceDefinition } from '@kula/platform-host';
import { natsOptions, Operation } from '@kula/platform-messaging';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { z } from 'zod';
import { identityService } from '../identity-service.js';

const SETTINGS = {
  KULA_NODE_NAME: 'North', KULA_NODE_DOMAIN: 'north.example', KULA_GATEWAY_URL: 'http://127.0.0.1:4000', KULA_OPERATOR_ID: walletOf('dia').did,
};
const [NORTH, SOUTH] = [nodeIdOf('north'), nodeIdOf('south')];

/** What the played federation service says. */
const south: Pick<z.output<typeof federation.federationStatus>, 'heads' | 'links'> = {
  heads: [{ issuer: SOUTH, seq: 40, hash: 'h'.repeat(43), agreedUpTo: null, lastSealedAt: '2027-01-01T00:00:00.000Z', lastStoredAt: '2027-01-01T00:00:02.000Z' }],
  links: [{
    peer: SOUTH, name: 'South', state: 'waiting', lastError: 'not reached', lastEntryAt: '2027-01-01T00:00:00.000Z', received: 7, refused: 0, behind: { entries: 3, seconds: 9 },
  }],
};

@Controller()
class StatusController {
  @Operation(federation.getFederationStatus)
  async status(): Promise<z.input<typeof federation.getFederationStatus.output>> {
    return { nodeId: NORTH, network: 'test', fault: null, ...south, unsealed: 0, setAside: 0, unpublished: 0 };
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

/** What the service reads of the federation's entries. */
async function subjectsFollowed(): Promise<(string | undefined)[]> {
  const connection = await connect(natsOptions(surroundings['KULA_NATS_URL'] ?? '', 'spec'));
  try {
    const consumers = await (await jetstreamManager(connection)).consumers.list('FEDIN').next();
    return consumers.map(({ config }) => config.filter_subject);
  } finally {
    await connection.close();
  }
}

const record = (nodeId: string) => probe.ask(identity.findNode, { nodeId });

describe('what the registry shows of a node', () => {
  it('is its key, and nothing of its log and its link while the federation service does not answer', async () => {
    expect(await record(NORTH)).toMatchObject({ lastEntry: null, keyNo: 1, disputedClaims: 0, link: null, behind: null });
    expect(await record(SOUTH)).toMatchObject({ lastEntry: null, link: null, behind: null });
  });

  it('is the last entry, the link and the lag as the federation service says when it answers', async () => {
    played = await startService({ name: 'federation', module: () => FederationModule }, surroundings);
    const shown = await until('the federation service to be heard', async () => {
      const now = await record(SOUTH);
      return now.link !== null && now;
    });
    expect(shown).toMatchObject({
      lastEntry: { seq: 40, sealedAt: '2027-01-01T00:00:00.000Z', receivedAt: '2027-01-01T00:00:02.000Z' },
      link: { state: 'waiting', lastError: 'not reached', lastEntryAt: '2027-01-01T00:00:00.000Z' }, behind: { entries: 3, seconds: 9 },
    });
    expect((await probe.ask(identity.listNodes, {})).items.map(({ nodeId, link, lastEntry }) => [nodeId, link?.state ?? null, lastEntry?.seq ?? null]).sort())
      .toEqual([[NORTH, null, null], [SOUTH, 'waiting', 40]].sort());
  });

  it('is read from announcements alone: the service follows no other topic of the federation', async () => {
    const { seq } = await probe.deliver(keyRotated, {
      node_id: SOUTH, key_no: 2, public_key: 'A'.repeat(43), recovery_key_hash: null, proof: 'A'.repeat(86),
    }, { issuer: SOUTH });
    await until('the new key', async () => (await record(SOUTH)).keyNo === 2);
    expect(seq).toBeGreaterThan(1);
    expect(await subjectsFollowed()).toEqual(['fedin.announce']);
  });
});
