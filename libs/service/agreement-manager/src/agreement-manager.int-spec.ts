import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  agreement as contract, agreementActed, agreementProposed, agreementSigned, cooperativeAnnounced, type Caller, type FederationMessage,
} from '@kula/contracts';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { nodeIdOf, walletOf } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { agreementManagerService } from './agreement-manager-service.js';

const north = nodeIdOf('north');
const south = nodeIdOf('south');
const east = nodeIdOf('east');
const ana = walletOf('ana');
const ben = walletOf('ben');
const cal = walletOf('cal');
const dia = walletOf('dia');
const homes = new Map([[ana, north], [ben, south], [cal, east]]);
const asCooperative = ({ did }: { did: string }): Caller => ({ did: did as Caller['did'], role: 'cooperative' });
const MADE_AT = '2026-12-01T09:00:00.000Z';

const draftOf = (agreementId: string) => ({
  agreementId, type: 'ClearingArrangement' as const, title: 'Clearing', text: 'We clear\nmonthly.',
  parties: [...homes].map(([{ did }, home]) => ({ cooperative_id: did, home_node: home })), clearing: { unit: 'HOUR', scale: 0, period_days: 30 },
  effectiveFrom: MADE_AT,
});
const signatureOn = (agreementId: string, termsHash: string, party = ana, signer = party) => {
  const statement = { agreement_id: agreementId, version: 1, terms_hash: termsHash, party: party.did, made_at: MADE_AT };
  return { statement, signature: signer.sign('sep/agreement/v1', statement) };
};
const actionOn = (agreementId: string, termsHash: string, { party = ana, action = 'suspend' as 'suspend' | 'resume' | 'terminate', sequence = 1 }) => {
  const statement = { agreement_id: agreementId, terms_hash: termsHash, party: party.did, action, sequence, reason: 'Too much open', made_at: MADE_AT };
  return { statement, signature: party.sign('sep/agreement-action/v1', statement) };
};

describe('the agreement manager', () => {
  let probe: ServiceProbe;

  beforeAll(async () => {
    probe = await ServiceProbe.start(agreementManagerService);
    for (const [wallet, home] of homes) {
      const statement = { cooperative_id: wallet.did, node_id: home, name: wallet.name, place: null, made_at: MADE_AT };
      await probe.deliver(cooperativeAnnounced, { statement, signature: wallet.sign('sep/cooperative/v1', statement) }, { issuer: home });
    }
    await until('three cooperatives', async () => (await probe.sql('SELECT 1 FROM agreement_manager.cooperative')).length === 3);
  });
  afterAll(async () => { await probe?.stop(); });

  const draft = (agreementId: string) => probe.ask(contract.draftAgreement, draftOf(agreementId), asCooperative(ana));
  /** Drafts of one message about one agreement, once at least this many have left. */
  const sentAbout = (message: FederationMessage, agreementId: string, atLeast: number) => until(`${atLeast} ${message.type}`, async () => {
    const drafts = (await probe.sent(message)).filter(({ subject }) => subject === agreementId);
    return drafts.length >= atLeast && drafts;
  });
  const stateOf = async (agreementId: string) => (await probe.ask(contract.getAgreement, { agreementId }, asCooperative(ana))).state;

  /** An agreement proposed here by ana. */
  const proposed = async (agreementId: string) => {
    await draft(agreementId);
    return probe.ask(contract.proposeAgreement, { agreementId }, asCooperative(ana));
  };
  const signHere = (agreementId: string, termsHash: string, signature: string) =>
    probe.ask(contract.signAgreement, { agreementId, termsHash, madeAt: MADE_AT, signature }, asCooperative(ana));

  /** Active: ana signed here, ben and cal on their nodes. */
  const active = async (agreementId: string) => {
    const { termsHash } = await proposed(agreementId);
    await signHere(agreementId, termsHash, signatureOn(agreementId, termsHash).signature);
    await probe.deliver(agreementSigned, signatureOn(agreementId, termsHash, ben), { issuer: south, subject: agreementId });
    await probe.deliver(agreementSigned, signatureOn(agreementId, termsHash, cal), { issuer: east, subject: agreementId });
    await until(`${agreementId} to be active`, async () => (await stateOf(agreementId)) === 'active');
    return termsHash;
  };

  it('takes an agreement from draft to active, and tells the other services and nodes', async () => {
    const termsHash = await active('clearing-a');
    expect(await sentAbout(agreementProposed, 'clearing-a', 1)).toMatchObject([{ body: { terms_hash: termsHash, proposed_by: ana.did } }]);
    expect(await sentAbout(agreementSigned, 'clearing-a', 1)).toHaveLength(1);
    const states = await until('two changes', async () => {
      const changes = await probe.published(contract.agreementChanged);
      return changes.length >= 2 && changes.map(({ state }) => state);
    });
    expect(states).toEqual(['proposed', 'active']);
  });

  it('answers a repeated draft, proposal and signature the same and sends nothing twice', async () => {
    const { termsHash } = await proposed('repeat');
    expect(await proposed('repeat')).toMatchObject({ state: 'proposed', termsHash });
    const { signature } = signatureOn('repeat', termsHash);
    const [first, second] = [await signHere('repeat', termsHash, signature), await signHere('repeat', termsHash, signature)];
    expect(second).toEqual(first);
    expect(await sentAbout(agreementSigned, 'repeat', 1)).toHaveLength(1);
    expect(await sentAbout(agreementProposed, 'repeat', 1)).toHaveLength(1);
  });

  it('shows a draft to its author only', async () => {
    await draft('secret');
    await expect(probe.ask(contract.getAgreement, { agreementId: 'secret' }, asCooperative(ben))).rejects.toMatchObject({ code: 'agreement.unknown' });
    const { items } = await probe.ask(contract.listAgreements, { state: 'draft' }, { did: dia.did, role: 'operator' });
    expect(items.map(({ agreementId }) => agreementId)).not.toContain('secret');
  });

  describe('drafting refuses', () => {
    const [first, second] = draftOf('bad').parties;
    it.each<[string, Partial<ReturnType<typeof draftOf>> & { effectiveUntil?: string }, string, typeof ana]>([
      ['an author who is no party', {}, 'agreement.not_a_party', dia],
      ['an author whose home is elsewhere', {}, 'agreement.not_a_party', ben],
      ['a party named twice', { parties: [first!, second!, second!] }, 'agreement.party_repeated', ana],
      ['clearing without its terms', { clearing: null as never }, 'agreement.clearing_terms_missing', ana],
      ['a period that ends before it begins', { effectiveUntil: '2026-11-01T00:00:00Z' }, 'agreement.period_reversed', ana],
      ['a party nobody announced', { parties: [first!, { cooperative_id: dia.did, home_node: east }] }, 'agreement.party_unknown', ana],
    ])('%s', async (_name, change, code, author) => {
      await expect(probe.ask(contract.draftAgreement, { ...draftOf('bad'), ...change }, asCooperative(author))).rejects.toMatchObject({ code });
      expect(await probe.sql(`SELECT 1 FROM agreement_manager.agreement WHERE agreement_id = 'bad'`)).toEqual([]);
    });
    it('other terms under an id that exists', async () => {
      await draft('taken');
      await expect(probe.ask(contract.draftAgreement, { ...draftOf('taken'), title: 'Other' }, asCooperative(ana))).rejects.toMatchObject({ code: 'agreement.exists' });
    });
    it('a malformed field, by name', async () => {
      await expect(probe.ask(contract.draftAgreement, { ...draftOf('bad'), clearing: { unit: 'hour', scale: 0, period_days: 30 } }, asCooperative(ana)))
        .rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining('/clearing/unit') });
    });
  });

  it('refuses a signature over other terms, by another key, by a stranger, on a draft, and a second one, after the genuine passes', async () => {
    const termsHash = await active('guarded');
    const other = hashDocument('other');
    const sign = (termsHashGiven: string, signature: string, who = ana) =>
      probe.ask(contract.signAgreement, { agreementId: 'guarded', termsHash: termsHashGiven, madeAt: MADE_AT, signature }, asCooperative(who));
    await expect(sign(termsHash, signatureOn('guarded', termsHash).signature)).resolves.toMatchObject({ state: 'active' });
    await expect(sign(other, signatureOn('guarded', other).signature)).rejects.toMatchObject({ code: 'agreement.other_terms' });
    await expect(sign(termsHash, signatureOn('guarded', termsHash, ana, ben).signature)).rejects.toMatchObject({ code: 'agreement.bad_signature' });
    await expect(sign(termsHash, signatureOn('guarded', termsHash, dia).signature, dia)).rejects.toMatchObject({ code: 'agreement.not_a_party' });
    const late = { agreement_id: 'guarded', version: 1, terms_hash: termsHash, party: ana.did, made_at: '2026-12-02T09:00:00.000Z' };
    await expect(probe.ask(contract.signAgreement, { agreementId: 'guarded', termsHash, madeAt: late.made_at, signature: ana.sign('sep/agreement/v1', late) }, asCooperative(ana)))
      .rejects.toMatchObject({ code: 'agreement.already_signed' });
    const draftHash = (await draft('still-a-draft')).termsHash;
    await expect(signHere('still-a-draft', draftHash, signatureOn('still-a-draft', draftHash).signature)).rejects.toMatchObject({ code: 'agreement.wrong_state' });
    await expect(signHere('nowhere', termsHash, signatureOn('nowhere', termsHash).signature)).rejects.toMatchObject({ code: 'agreement.unknown' });
  });

  it('suspends, resumes and terminates by signed actions from here and elsewhere', async () => {
    const termsHash = await active('moved');
    const act = (action: 'suspend' | 'resume' | 'terminate', sequence: number) => {
      const { statement, signature } = actionOn('moved', termsHash, { action, sequence });
      return probe.ask(contract.actOnAgreement, { agreementId: 'moved', termsHash, action, sequence, reason: statement.reason, madeAt: MADE_AT, signature }, asCooperative(ana));
    };
    expect((await act('suspend', 1)).state).toBe('suspended');
    await expect(act('suspend', 1)).resolves.toMatchObject({ state: 'suspended' });
    await expect(act('resume', 1)).rejects.toMatchObject({ code: 'agreement.sequence_used', params: { expected: 2 } });
    await expect(act('suspend', 2)).rejects.toMatchObject({ code: 'agreement.wrong_state' });
    await probe.deliver(agreementActed, actionOn('moved', termsHash, { party: ben, action: 'resume', sequence: 2 }), { issuer: south, subject: 'moved' });
    await until('ben to have resumed it', async () => (await stateOf('moved')) === 'active');
    expect((await act('terminate', 3)).state).toBe('terminated');
    expect(await sentAbout(agreementActed, 'moved', 2)).toHaveLength(2);
  });

  describe('entries of other nodes', () => {
    const remote = (agreementId: string) => {
      const { title, text, parties, clearing } = draftOf(agreementId);
      const terms = { agreement_id: agreementId, version: 1, type: 'ClearingArrangement' as const, title, text, parties, clearing, effective_from: MADE_AT, effective_until: null };
      return { terms, terms_hash: hashDocument(terms as Json), proposed_by: ben.did };
    };
    const refusedCodes = async (id: string) => (await probe.sql<{ code: string }>('SELECT code FROM agreement_manager.refused_entry WHERE entry_id = $1', [id])).map(({ code }) => code);

    it('are kept when a signature comes before the proposal, and applied once', async () => {
      const proposal = remote('late');
      const early = await probe.deliver(agreementSigned, signatureOn('late', proposal.terms_hash, cal), { issuer: east, subject: 'late' });
      await probe.deliver(agreementSigned, signatureOn('late', proposal.terms_hash, cal), { ...early, subject: 'late' });
      await probe.deliver(agreementProposed, proposal, { issuer: south, subject: 'late' });
      const found = await until('the agreement with cal\'s signature', async () => {
        const { items } = await probe.ask(contract.listAgreements, {}, asCooperative(ana));
        return items.find(({ agreementId, signatures }) => agreementId === 'late' && signatures.length === 1);
      });
      expect(found.waitingFor).toEqual([ana.did, ben.did]);
    });

    it('are refused and recorded when forged, after the genuine one passes', async () => {
      const proposal = remote('genuine');
      await probe.deliver(agreementProposed, proposal, { issuer: south, subject: 'genuine' });
      await until('the genuine proposal', async () => (await probe.sql(`SELECT 1 FROM agreement_manager.agreement WHERE agreement_id = 'genuine'`)).length === 1);
      const forgeries = [
        [agreementProposed, { ...remote('forged-a'), terms_hash: hashDocument('x') }, south, 'agreement.other_terms'],
        [agreementProposed, remote('forged-b'), east, 'agreement.not_a_party'],
        [agreementProposed, { ...remote('genuine'), terms: { ...proposal.terms, title: 'Other' }, terms_hash: hashDocument({ ...proposal.terms, title: 'Other' } as Json) }, south, 'agreement.exists'],
        [agreementSigned, signatureOn('genuine', proposal.terms_hash, ana), south, 'agreement.not_a_party'],
        [agreementSigned, signatureOn('genuine', proposal.terms_hash, ben, cal), south, 'agreement.bad_signature'],
        [agreementActed, { ...actionOn('genuine', proposal.terms_hash, { party: ben }), signature: 'A'.repeat(86) }, south, 'agreement.bad_signature'],
      ] as const;
      for (const [message, body, issuer, code] of forgeries) {
        const { seq } = await probe.deliver(message as FederationMessage, body, { issuer, subject: 'genuine' });
        await until(`${code} to be recorded`, async () => (await refusedCodes(`${issuer}:${seq}`)).includes(code));
      }
      expect(await stateOf('genuine')).toBe('proposed');
    });
  });

  it('ends an agreement when its period is over', async () => {
    const agreementId = 'short';
    await probe.ask(contract.draftAgreement, { ...draftOf(agreementId), effectiveFrom: '2025-01-01T00:00:00Z', effectiveUntil: '2025-02-01T00:00:00Z' }, asCooperative(ana));
    await probe.ask(contract.proposeAgreement, { agreementId }, asCooperative(ana));
    await until('the agreement to expire', async () => (await stateOf(agreementId)) === 'terminated');
  });

  it('pages through agreements and refuses a cursor that is none', async () => {
    const first = await probe.ask(contract.listAgreements, { limit: 2 }, asCooperative(ana));
    const second = await probe.ask(contract.listAgreements, { limit: 2, cursor: first.nextCursor ?? '' }, asCooperative(ana));
    expect(first.items.map(({ agreementId }) => agreementId)).not.toEqual(second.items.map(({ agreementId }) => agreementId));
    await expect(probe.ask(contract.listAgreements, { cursor: '!' }, asCooperative(ana))).rejects.toMatchObject({ code: 'message.malformed' });
  });

  it('keeps everything over a restart', async () => {
    const before = await probe.ask(contract.listAgreements, { limit: 200 }, asCooperative(ana));
    await probe.restart();
    expect(await probe.ask(contract.listAgreements, { limit: 200 }, asCooperative(ana))).toEqual(before);
  });
});
