import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  agreement, clearing as contract, clearingRunApproved, clearingRunComputed, clearingRunOpened, obligationConfirmed, obligationRecorded,
  type Caller, type EntryDraft, type FederationMessage,
} from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import { ServiceProbe, until } from '@kula/testing-service-probe';
import { computeResult } from './clearing-run/domain/run-result.js';
import { clearingService } from './clearing-service.js';

const [north, south, east, west] = ['north', 'south', 'east', 'west'].map(nodeIdOf) as [string, string, string, string];
const [ana, ben, cal, dia] = ['ana', 'ben', 'cal', 'dia'].map(walletOf) as [Wallet, Wallet, Wallet, Wallet];
const HOMES = new Map([[ana, north], [ben, south], [cal, east]]);
const MADE_AT = '2026-12-01T09:00:00.000Z';
const OTHER = hashDocument('other');
const asCooperative = ({ did }: Wallet): Caller => ({ did, role: 'cooperative' });
const asOperator: Caller = { did: dia.did, role: 'operator' };

interface Debt { readonly id: string; readonly debtor: Wallet; readonly creditor: Wallet; readonly amount: string }

const statementOf = (agreementId: string, { id, debtor, creditor, amount }: Debt) => ({
  obligation_id: id, agreement_id: agreementId, debtor: debtor.did, creditor: creditor.did, amount, unit: 'HOUR', reference: 'Autumn', due_at: null, made_at: MADE_AT,
});
type Statement = ReturnType<typeof statementOf>;
const inputOf = (statement: Statement, signer: Wallet) => ({
  obligationId: statement.obligation_id, agreementId: statement.agreement_id, debtor: statement.debtor, creditor: statement.creditor, amount: statement.amount,
  unit: statement.unit, reference: statement.reference, madeAt: statement.made_at, signature: signer.sign('sep/obligation/v1', statement),
});
const recordedBy = (signer: Wallet, statement: Statement, by = signer) => ({ statement, signed_by: signer.did, signature: by.sign('sep/obligation/v1', statement) });
const confirmedBy = (signer: Wallet, statement: Statement, by = signer) => ({
  obligation_id: statement.obligation_id, statement_hash: hashDocument(statement), signed_by: signer.did, signature: by.sign('sep/obligation/v1', statement),
});
const approvalOf = (party: Wallet, run: { runId: string; setRoot: string | null; resultHash: string | null }, by = party) => {
  const statement = { run_id: run.runId, set_root: run.setRoot ?? '', result_hash: run.resultHash ?? '', party: party.did, made_at: MADE_AT };
  return { statement, signature: by.sign('sep/clearing-result/v1', statement) };
};
const openingOf = (runId: string, agreementId: string, openedBy: Wallet, cutoff: Record<string, number>) => ({
  run_id: runId, agreement_id: agreementId, unit: 'HOUR', cutoff, opened_by: openedBy.did, opened_at: MADE_AT,
});
/** The seed example under ids of its own: 100, 80 and 60 in a ring. */
const ringOf = (prefix: string, [first, second, third] = ['100', '80', '60']): [Debt, Debt, Debt] => [
  { id: `${prefix}-1`, debtor: ana, creditor: ben, amount: first! }, { id: `${prefix}-2`, debtor: ben, creditor: cal, amount: second! },
  { id: `${prefix}-3`, debtor: cal, creditor: ana, amount: third! },
];

/** The service at node north with ana; the nodes of ben and cal, the agreement manager and the log are played by the test. */
class Stage {
  private readonly echoed = new Set<string>();
  /** Last entry written in the name of each node. */
  readonly written: Record<string, number> = {};

  constructor(readonly probe: ServiceProbe) {}

  async agree(agreementId: string, { state = 'active', version = 1, parties = [ana, ben, cal] }: { state?: 'proposed' | 'active' | 'suspended' | 'terminated'; version?: number; parties?: Wallet[] } = {}): Promise<void> {
    const terms = {
      agreement_id: agreementId, version: 1, type: 'ClearingArrangement' as const, title: 'Clearing', text: 'We clear monthly.',
      parties: parties.map((party) => ({ cooperative_id: party.did, home_node: HOMES.get(party) ?? west })), clearing: { unit: 'HOUR', scale: 0, period_days: 30 },
      effective_from: MADE_AT, effective_until: null,
    };
    await this.probe.emit(agreement.agreementChanged, { state, termsHash: hashDocument(terms), terms, version });
    await until(`${agreementId} to be ${state}`, async () => (await this.probe.sql('SELECT 1 FROM arrangement WHERE agreement_id = $1 AND version >= $2', [agreementId, version])).length === 1);
  }

  async deliver<Message extends FederationMessage>(message: Message, body: Parameters<ServiceProbe['deliver']>[1], issuer: string, subject = 'x'): Promise<{ issuer: string; seq: number }> {
    const entry = await this.probe.deliver(message, body, { issuer, subject });
    this.written[issuer] = entry.seq;
    return entry;
  }

  /** Brings the service's own draft back as the log would. */
  async echo(message: FederationMessage, subject: string): Promise<EntryDraft> {
    const draft = await until(`the draft of ${message.type} about ${subject}`, async () =>
      (await this.probe.sent(message)).find((sent) => sent.subject === subject && !this.echoed.has(sent.id)));
    this.echoed.add(draft.id);
    await this.deliver(message, draft.body, north, subject);
    return draft;
  }

  /** Signed by both sides, each at its home. */
  async owe(agreementId: string, debts: readonly Debt[]): Promise<void> {
    for (const debt of debts) {
      const statement = statementOf(agreementId, debt);
      if (debt.debtor === ana) {
        await this.probe.ask(contract.recordObligation, inputOf(statement, ana), asCooperative(ana));
        await this.echo(obligationRecorded, debt.id);
      } else await this.deliver(obligationRecorded, recordedBy(debt.debtor, statement), HOMES.get(debt.debtor)!);
      await this.obligationIs(debt.id, 'recorded');
      if (debt.creditor === ana) {
        const { statementHash } = await this.obligation(debt.id);
        await this.probe.ask(contract.confirmObligation, { obligationId: debt.id, statementHash, signature: ana.sign('sep/obligation/v1', statement) }, asCooperative(ana));
        await this.echo(obligationConfirmed, debt.id);
      } else await this.deliver(obligationConfirmed, confirmedBy(debt.creditor, statement), HOMES.get(debt.creditor)!);
      await this.obligationIs(debt.id, 'open');
    }
  }

  obligation(obligationId: string) { return this.probe.ask(contract.getObligation, { obligationId }, asOperator); }

  obligationIs(obligationId: string, state: string) {
    return until(`${obligationId} to be ${state}`, async () => {
      const found = await this.obligation(obligationId).catch(() => undefined);
      return found?.state === state && found;
    });
  }

  run(runId: string) { return this.probe.ask(contract.getClearingRun, { runId }, asOperator); }

  runIs(runId: string, ...states: string[]) {
    return until(`${runId} to be ${states.join(' or ')}`, async () => {
      const found = await this.run(runId).catch(() => undefined);
      return found !== undefined && states.includes(found.state) && found;
    });
  }

  open(runId: string, agreementId: string, clerk = ana) { return this.probe.ask(contract.openClearingRun, { runId, agreementId }, asCooperative(clerk)); }

  /** Opened by ana, computed here and heard of. */
  async computed(runId: string, agreementId: string) {
    await this.open(runId, agreementId);
    await this.echo(clearingRunOpened, runId);
    await this.echo(clearingRunComputed, runId);
    return until(`${runId} to have heard its own result`, async () => {
      const run = await this.run(runId);
      return run.computations.length > 0 && run;
    });
  }

  computation(runId: string, { setRoot, resultHash }: { setRoot: string | null; resultHash: string | null }) {
    return { run_id: runId, set_root: setRoot ?? '', result_hash: resultHash ?? '', obligations: 3, gross_total: '240', net_total: '60' };
  }

  /** South and east compute the same. */
  async agreed(runId: string, agreementId: string) {
    const run = await this.computed(runId, agreementId);
    for (const node of [south, east]) await this.deliver(clearingRunComputed, this.computation(runId, run), node);
    return this.runIs(runId, 'agreed');
  }

  approve(run: { runId: string; setRoot: string | null; resultHash: string | null }, party = ana, by = party) {
    const { statement, signature } = approvalOf(party, run, by);
    return this.probe.ask(contract.approveClearingRun, { runId: run.runId, setRoot: statement.set_root, resultHash: statement.result_hash, madeAt: MADE_AT, signature }, asCooperative(party));
  }

  async settled(runId: string, agreementId: string) {
    const run = await this.agreed(runId, agreementId);
    await this.approve(run);
    for (const party of [ben, cal]) await this.deliver(clearingRunApproved, approvalOf(party, run), HOMES.get(party)!);
    return this.runIs(runId, 'settled');
  }

  async positions(agreementId: string) {
    const { positions } = await this.probe.ask(contract.listPositions, { agreementId }, asCooperative(ana));
    return positions.map(({ position }) => position);
  }

  /** The code with which an entry was refused, once it was. */
  refusal({ issuer, seq }: { issuer: string; seq: number }): Promise<string> {
    return until(`entry ${seq} to be refused`, async () => (await this.probe.sql<{ code: string }>('SELECT code FROM refused_entry WHERE entry_id = $1', [`${issuer}:${seq}`]))[0]?.code);
  }

  /** All that was delivered has been taken in. */
  async taken(): Promise<void> {
    await until('all entries to be taken in', async () => {
      const rows = await this.probe.sql<{ issuer: string; seq: string }>('SELECT issuer, seq FROM entry_cursor');
      const reached = new Map(rows.map(({ issuer, seq }) => [issuer, Number(seq)]));
      return Object.entries(this.written).every(([issuer, seq]) => (reached.get(issuer) ?? 0) >= seq);
    });
  }
}

describe('clearing', () => {
  let stage: Stage;
  let probe: ServiceProbe;

  beforeAll(async () => {
    probe = await ServiceProbe.start(clearingService);
    stage = new Stage(probe);
    // Shared ground of the refusals: an obligation signed by both, a run that waits for entries that never come, one that is computed, and no more.
    await stage.agree('rules');
    await stage.agree('asleep', { state: 'suspended', version: 2 });
    await stage.owe('rules', [{ id: 'taken', debtor: ana, creditor: ben, amount: '5' }]);
    await stage.deliver(clearingRunOpened, openingOf('waiting-run', 'rules', ana, { [south]: 1_000_000 }), north);
    await stage.runIs('waiting-run', 'open');
    await stage.agree('busy');
    await stage.owe('busy', ringOf('busy'));
    await stage.computed('busy-run', 'busy');
  });
  afterAll(async () => { await probe?.stop(); });

  describe('the seed example', () => {
    it('clears 180 of 240, leaves 60, and every position as it was', async () => {
      await stage.agree('seed');
      await stage.owe('seed', ringOf('seed'));
      expect(await stage.positions('seed')).toEqual(['-40', '20', '20']);

      const opened = await stage.open('seed-run', 'seed');
      expect(opened).toMatchObject({ state: 'open', openedBy: ana.did, setRoot: null, result: null });
      expect(Object.keys(opened.cutoff).sort()).toEqual([north, south, east].sort());
      expect((await stage.echo(clearingRunOpened, 'seed-run')).body['cutoff']).toEqual(opened.cutoff);

      const run = await stage.runIs('seed-run', 'computed');
      expect(run.result).toMatchObject({ obligationCount: 3, grossTotal: '240', cleared: '180', netTotal: '60' });
      expect(run.result?.positions).toEqual([ana, ben, cal].map(({ did }, at) => ({ party: did, position: ['-40', '20', '20'][at] })).sort((left, right) => (left.party < right.party ? -1 : 1)));
      expect(run.result?.remaining.map(({ obligationId, before, after }) => [obligationId, before, after])).toEqual([['seed-1', '100', '40'], ['seed-2', '80', '20'], ['seed-3', '60', '0']]);
      expect((await stage.obligation('seed-1')).state).toBe('frozen');
      expect(run.waitingFor).toEqual([north, south, east].map((node) => `result of node ${node}`));

      const draft = await stage.echo(clearingRunComputed, 'seed-run');
      expect(draft.body).toEqual({ run_id: 'seed-run', set_root: run.setRoot, result_hash: run.resultHash, obligations: 3, gross_total: '240', net_total: '60' });
      for (const node of [south, east]) await stage.deliver(clearingRunComputed, stage.computation('seed-run', run), node);
      const agreed = await stage.runIs('seed-run', 'agreed');
      expect(agreed.waitingFor).toEqual([ana, ben, cal].map(({ did }) => `approval of ${did}`));
      expect(agreed.computations.map(({ isEqual }) => isEqual)).toEqual([true, true, true]);

      expect((await stage.approve(agreed)).waitingFor).toEqual([ben, cal].map(({ did }) => `approval of ${did}`));
      await stage.echo(clearingRunApproved, 'seed-run');
      for (const party of [ben, cal]) await stage.deliver(clearingRunApproved, approvalOf(party, agreed), HOMES.get(party)!);
      const settled = await stage.runIs('seed-run', 'settled');
      expect([settled.waitingFor, settled.approvals.length]).toEqual([[], 3]);
      const ends = await Promise.all(['seed-1', 'seed-2', 'seed-3'].map((id) => stage.obligation(id)));
      expect(ends.map(({ state, amount, remaining }) => [state, amount, remaining])).toEqual([['open', '100', '40'], ['open', '80', '20'], ['discharged', '60', '0']]);
      expect(await stage.positions('seed')).toEqual(['-40', '20', '20']);
    });

    it('is cleared further by a second run, once a new obligation closes the ring again', async () => {
      await stage.agree('again');
      await stage.owe('again', ringOf('again'));
      await stage.settled('again-run-1', 'again');
      await stage.owe('again', [{ id: 'again-4', debtor: cal, creditor: ana, amount: '25' }]);
      const run = await stage.settled('again-run-2', 'again');
      expect(run.result).toMatchObject({ obligationCount: 3, grossTotal: '85', cleared: '60', netTotal: '25' });
      expect((await stage.obligation('again-4')).remaining).toBe('5');
      expect(await stage.positions('again')).toEqual(['-15', '20', '-5']);
    });
  });

  it('is exact beyond 64 bits', async () => {
    const most = 10n ** 38n - 1n;
    await stage.agree('large');
    await stage.owe('large', ringOf('large', [String(most), String(most - 1n), String(2n ** 63n + 1n)]));
    const run = await stage.settled('large-run', 'large');
    expect(run.result).toMatchObject({ grossTotal: String(2n * most + 2n ** 63n), cleared: String(3n * (2n ** 63n + 1n)) });
    expect((await stage.obligation('large-1')).remaining).toBe(String(most - 2n ** 63n - 1n));
  });

  describe('recording refuses', () => {
    const statement = statementOf('rules', { id: 'refused', debtor: ana, creditor: ben, amount: '5' });
    const ask = (change: Partial<Statement> = {}, caller = ana, signer = ana) =>
      probe.ask(contract.recordObligation, inputOf({ ...statement, ...change }, signer), asCooperative(caller));
    // Every row has all that the rows below it are refused for as well: the first that applies is answered.
    const bad = { unit: 'KGM', obligation_id: 'taken' };
    it.each<[string, Partial<Statement>, string, Wallet]>([
      ['an agreement nobody told of', { ...bad, agreement_id: 'nowhere', creditor: ana.did }, 'clearing.agreement_unknown', dia],
      ['an agreement that is suspended', { ...bad, agreement_id: 'asleep', creditor: ana.did }, 'clearing.agreement_not_active', dia],
      ['a debt to oneself', { ...bad, debtor: dia.did, creditor: dia.did }, 'clearing.same_party', dia],
      ['a debtor who is no party', { ...bad, debtor: dia.did }, 'clearing.not_a_party', cal],
      ['a creditor who is no party', { ...bad, creditor: dia.did }, 'clearing.not_a_party', cal],
      ['a third party', bad, 'clearing.not_your_obligation', cal],
      ['a side whose home is elsewhere', bad, 'clearing.not_your_obligation', ben],
      ['another unit', bad, 'clearing.other_unit', ana],
      ['a signature of somebody else', { obligation_id: 'taken', amount: '6' }, 'clearing.bad_signature', ana],
    ])('%s', async (_name, change, code, caller) => {
      await expect(ask(change, caller, dia)).rejects.toMatchObject({ code });
      expect(await probe.sql(`SELECT 1 FROM obligation WHERE obligation_id = 'refused'`)).toEqual([]);
    });
    it('other content under an id that exists, but answers the same content the same', async () => {
      await expect(ask({ obligation_id: 'taken', amount: '6' })).rejects.toMatchObject({ code: 'clearing.obligation_exists' });
      expect(await ask({ obligation_id: 'taken' })).toMatchObject({ obligationId: 'taken', amount: '5', state: 'open' });
      expect((await probe.sent(obligationRecorded)).filter(({ subject }) => subject === 'taken')).toHaveLength(1);
    });
    it('what no document can hold', async () => {
      await expect(ask({ reference: 'a\0b' })).rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining('/reference') });
    });
  });

  describe('confirming refuses', () => {
    const theirs = statementOf('rules', { id: 'theirs', debtor: ben, creditor: ana, amount: '7' });
    const ask = (obligationId: string, { caller = ana, statementHash = hashDocument(theirs), signer = ana }: { caller?: Wallet; statementHash?: string; signer?: Wallet } = {}) =>
      probe.ask(contract.confirmObligation, { obligationId, statementHash, signature: signer.sign('sep/obligation/v1', theirs) }, asCooperative(caller));
    beforeAll(async () => {
      await stage.deliver(obligationRecorded, recordedBy(ben, theirs), south);
      await stage.obligationIs('theirs', 'recorded');
    });
    it.each<[string, string, Parameters<typeof ask>[1], string]>([
      ['an obligation nobody recorded', 'nowhere', { caller: dia, statementHash: OTHER, signer: dia }, 'clearing.obligation_unknown'],
      ['a third party', 'theirs', { caller: cal, statementHash: OTHER, signer: dia }, 'clearing.not_your_obligation'],
      ['whoever recorded it', 'taken', { statementHash: OTHER, signer: dia }, 'clearing.not_your_obligation'],
      ['a side whose home is elsewhere', 'taken', { caller: ben, statementHash: OTHER, signer: dia }, 'clearing.not_your_obligation'],
      ['the hash of another statement', 'theirs', { statementHash: OTHER, signer: dia }, 'clearing.other_statement'],
      ['a signature of somebody else', 'theirs', { signer: dia }, 'clearing.bad_signature'],
    ])('%s', async (_name, obligationId, options, code) => {
      await expect(ask(obligationId, options)).rejects.toMatchObject({ code });
    });
    it('while the agreement is not active, but answers what is confirmed already the same', async () => {
      await stage.agree('rules', { state: 'suspended', version: 3 });
      await expect(ask('theirs')).rejects.toMatchObject({ code: 'clearing.wrong_state' });
      await stage.agree('rules', { version: 4 });
      expect(await ask('theirs')).toMatchObject({ state: 'recorded', recordedBy: ben.did, confirmedBy: ana.did });
      await stage.agree('rules', { state: 'suspended', version: 5 });
      expect(await ask('theirs')).toMatchObject({ confirmedBy: ana.did });
      await stage.agree('rules', { version: 6 });
      await stage.echo(obligationConfirmed, 'theirs');
      await stage.obligationIs('theirs', 'open');
      expect((await probe.sent(obligationConfirmed)).filter(({ subject }) => subject === 'theirs')).toHaveLength(1);
    });
  });

  it('shows obligations, positions and runs to parties and operators only', async () => {
    await expect(probe.ask(contract.getObligation, { obligationId: 'taken' }, asCooperative(dia))).rejects.toMatchObject({ code: 'clearing.obligation_unknown' });
    await expect(probe.ask(contract.listPositions, { agreementId: 'rules' }, asCooperative(dia))).rejects.toMatchObject({ code: 'clearing.agreement_unknown' });
    await expect(probe.ask(contract.listPositions, { agreementId: 'nowhere' }, asOperator)).rejects.toMatchObject({ code: 'clearing.agreement_unknown' });
    await expect(probe.ask(contract.getClearingRun, { runId: 'busy-run' }, asCooperative(dia))).rejects.toMatchObject({ code: 'clearing.run_unknown' });
    expect((await probe.ask(contract.listObligations, {}, asCooperative(dia))).items).toEqual([]);
    expect((await probe.ask(contract.listClearingRuns, {}, asCooperative(dia))).items).toEqual([]);
  });

  it('lists page by page, and refuses a cursor of nothing', async () => {
    await stage.agree('paged');
    await stage.owe('paged', ringOf('paged'));
    await stage.settled('paged-run-1', 'paged');
    await stage.owe('paged', [{ id: 'paged-4', debtor: cal, creditor: ana, amount: '25' }]);
    await stage.computed('paged-run-2', 'paged');
    const first = await probe.ask(contract.listObligations, { agreementId: 'paged', limit: 3 }, asCooperative(ana));
    const second = await probe.ask(contract.listObligations, { agreementId: 'paged', limit: 3, cursor: first.nextCursor ?? '' }, asCooperative(ana));
    expect([...first.items, ...second.items].map(({ obligationId }) => obligationId)).toEqual(['paged-1', 'paged-2', 'paged-3', 'paged-4']);
    expect(second.nextCursor).toBeNull();
    const discharged = await probe.ask(contract.listObligations, { agreementId: 'paged', state: 'discharged' }, asCooperative(ana));
    expect(discharged.items.map(({ obligationId }) => obligationId)).toEqual(['paged-3']);
    const runs = await probe.ask(contract.listClearingRuns, { agreementId: 'paged', limit: 1 }, asCooperative(ana));
    expect(runs.items.map(({ runId, result }) => [runId, result?.remaining.length])).toEqual([['paged-run-1', 3]]);
    expect((await probe.ask(contract.listClearingRuns, { agreementId: 'paged', cursor: runs.nextCursor ?? '' }, asCooperative(ana))).items.map(({ runId }) => runId)).toEqual(['paged-run-2']);
    const malformed = { code: 'message.malformed', message: expect.stringContaining('/cursor') };
    await expect(probe.ask(contract.listObligations, { cursor: '!' }, asCooperative(ana))).rejects.toMatchObject(malformed);
    await expect(probe.ask(contract.listClearingRuns, { cursor: '!' }, asCooperative(ana))).rejects.toMatchObject(malformed);
  });

  describe('opening refuses', () => {
    beforeAll(async () => {
      await stage.agree('theirs-to-open', { parties: [ben, ana] });
      await stage.agree('quiet');
    });
    it.each<[string, string, string, Wallet, string]>([
      ['an agreement nobody told of', 'waiting-run', 'nowhere', dia, 'clearing.agreement_unknown'],
      ['an agreement that is suspended', 'waiting-run', 'asleep', dia, 'clearing.agreement_not_active'],
      ['another party than the first', 'waiting-run', 'busy', ben, 'clearing.not_the_clerk'],
      ['a first party whose home is elsewhere', 'waiting-run', 'theirs-to-open', ben, 'clearing.not_the_clerk'],
      ['the id of a run of another agreement', 'waiting-run', 'busy', ana, 'clearing.run_exists'],
      ['a second run at a time', 'busy-again', 'busy', ana, 'clearing.run_in_progress'],
      ['an agreement without anything confirmed', 'quiet-run', 'quiet', ana, 'clearing.nothing_to_clear'],
    ])('%s', async (_name, runId, agreementId, clerk, code) => {
      await expect(stage.open(runId, agreementId, clerk)).rejects.toMatchObject({ code });
    });
    it('nothing that was opened before: the same again answers the same', async () => {
      expect(await stage.open('busy-run', 'busy')).toMatchObject({ runId: 'busy-run', state: 'computed' });
      expect((await probe.sent(clearingRunOpened)).filter(({ subject }) => subject === 'busy-run')).toHaveLength(1);
    });
    it('a set that only this node knows to be confirmed', async () => {
      const statement = statementOf('quiet', { id: 'quiet-1', debtor: ben, creditor: ana, amount: '9' });
      await stage.deliver(obligationRecorded, recordedBy(ben, statement), south);
      await stage.obligationIs('quiet-1', 'recorded');
      await probe.ask(contract.confirmObligation, { obligationId: 'quiet-1', statementHash: hashDocument(statement), signature: ana.sign('sep/obligation/v1', statement) }, asCooperative(ana));
      await expect(stage.open('quiet-run', 'quiet')).rejects.toMatchObject({ code: 'clearing.nothing_to_clear' });
      await stage.echo(obligationConfirmed, 'quiet-1');
      await stage.obligationIs('quiet-1', 'open');
      await stage.taken();
      expect(await stage.open('quiet-run', 'quiet')).toMatchObject({ state: 'open' });
    });
  });

  describe('approving refuses', () => {
    const other = { runId: 'busy-run', setRoot: OTHER, resultHash: OTHER };
    it.each<[string, typeof other, Wallet, string]>([
      ['a run nobody opened', { ...other, runId: 'nowhere' }, dia, 'clearing.run_unknown'],
      ['a stranger', other, dia, 'clearing.not_a_party'],
      ['a party whose home is elsewhere', other, ben, 'clearing.not_a_party'],
      ['another result', other, ana, 'clearing.other_result'],
    ])('%s', async (_name, run, party, code) => {
      await expect(stage.approve(run, party, dia)).rejects.toMatchObject({ code });
    });
    it('a signature of somebody else, and a second approval, after the genuine passes', async () => {
      const run = await stage.run('busy-run');
      await expect(stage.approve(run, ana, dia)).rejects.toMatchObject({ code: 'clearing.bad_signature' });
      const approved = await stage.approve(run);
      expect(await stage.approve(run)).toEqual(approved);
      const statement = { ...approvalOf(ana, run).statement, made_at: '2026-12-02T09:00:00.000Z' };
      await expect(probe.ask(contract.approveClearingRun, {
        runId: 'busy-run', setRoot: statement.set_root, resultHash: statement.result_hash, madeAt: statement.made_at, signature: ana.sign('sep/clearing-result/v1', statement),
      }, asCooperative(ana))).rejects.toMatchObject({ code: 'clearing.wrong_state' });
      await stage.echo(clearingRunApproved, 'busy-run');
      expect((await probe.sent(clearingRunApproved)).filter(({ subject }) => subject === 'busy-run')).toHaveLength(1);
    });
    it('a run that has no result yet', async () => {
      await expect(stage.approve({ runId: 'waiting-run', setRoot: OTHER, resultHash: OTHER })).rejects.toMatchObject({ code: 'clearing.wrong_state' });
    });
  });

  it('keeps a run open until every entry up to its cut-off is in, of unknown types too, and then freezes what lies within', async () => {
    await stage.agree('behind');
    await stage.owe('behind', ringOf('behind'));
    const seq = (stage.written[south] ?? 0) + 2;
    await stage.deliver(clearingRunOpened, openingOf('behind-run', 'behind', ana, { [south]: seq }), north);
    expect((await stage.runIs('behind-run', 'open')).waitingFor[0]).toBe(`entries of node ${south} up to ${seq}`);
    const unknown: FederationMessage = { ...obligationRecorded, type: 'obligation.praised' };
    await stage.deliver(unknown, { praise: 'much' }, south);
    await stage.taken();
    expect((await stage.run('behind-run')).state).toBe('open');
    await stage.deliver(unknown, { praise: 'more' }, south);
    const run = await stage.runIs('behind-run', 'computed');
    // The cut-off names no entry of ana's and cal's nodes, so nothing of theirs is in the set.
    expect(run.result).toMatchObject({ obligationCount: 0, grossTotal: '0' });
    expect((await stage.obligation('behind-1')).state).toBe('open');
  });

  describe('an entry is refused, after the genuine one passes,', () => {
    const statement = statementOf('forged', { id: 'genuine', debtor: ben, creditor: cal, amount: '10' });
    const another = (id: string, change: Partial<Statement> = {}) => ({ ...statement, obligation_id: id, ...change });
    beforeAll(async () => {
      await stage.agree('forged');
      await stage.owe('forged', [{ id: 'genuine', debtor: ben, creditor: cal, amount: '10' }]);
      await stage.agree('forged-run-1');
      await stage.owe('forged-run-1', ringOf('forged'));
      await stage.agreed('forged-run', 'forged-run-1');
    });
    it.each<[string, FederationMessage, object, string, string]>([
      ['recorded with a forged signature', obligationRecorded, recordedBy(ben, another('f-1'), dia), south, 'clearing.bad_signature'],
      ['recorded by a third party', obligationRecorded, recordedBy(ana, another('f-2')), north, 'clearing.not_your_obligation'],
      ['recorded through another node', obligationRecorded, recordedBy(ben, another('f-3')), east, 'clearing.not_your_obligation'],
      ['recorded with a debtor who is no party', obligationRecorded, recordedBy(cal, another('f-4', { debtor: dia.did })), east, 'clearing.not_a_party'],
      ['recorded as a debt to oneself', obligationRecorded, recordedBy(ben, another('f-5', { creditor: ben.did })), south, 'clearing.same_party'],
      ['recorded in another unit', obligationRecorded, recordedBy(ben, another('f-6', { unit: 'KGM' })), south, 'clearing.other_unit'],
      ['recorded with other content', obligationRecorded, recordedBy(ben, another('genuine', { amount: '11' })), south, 'clearing.obligation_exists'],
      ['recorded without its form', obligationRecorded, { statement: { amount: 10 } }, south, 'message.malformed'],
      ['confirmed with a forged signature', obligationConfirmed, confirmedBy(cal, statement, dia), east, 'clearing.bad_signature'],
      ['confirmed by a stranger', obligationConfirmed, confirmedBy(dia, statement), east, 'clearing.not_your_obligation'],
      ['confirmed through another node', obligationConfirmed, confirmedBy(cal, statement), south, 'clearing.not_your_obligation'],
      ['confirmed with another hash', obligationConfirmed, { ...confirmedBy(cal, statement), statement_hash: OTHER }, east, 'clearing.other_statement'],
      ['opened by another party', clearingRunOpened, openingOf('f-7', 'forged', ben, {}), south, 'clearing.not_the_clerk'],
      ['opened in the clerk\'s name', clearingRunOpened, openingOf('f-8', 'forged', ana, {}), south, 'clearing.not_the_clerk'],
      ['opened in another unit', clearingRunOpened, { ...openingOf('f-9', 'forged', ana, {}), unit: 'KGM' }, north, 'clearing.other_unit'],
      ['opened under the id of another run', clearingRunOpened, openingOf('busy-run', 'forged', ana, {}), north, 'clearing.run_exists'],
      ['computed by a node that hosts no party', clearingRunComputed, { run_id: 'forged-run', set_root: OTHER, result_hash: OTHER, obligations: 3, gross_total: '0', net_total: '0' }, west, 'clearing.not_a_party'],
      ['computed a second time, differently', clearingRunComputed, { run_id: 'forged-run', set_root: OTHER, result_hash: OTHER, obligations: 3, gross_total: '0', net_total: '0' }, south, 'clearing.other_result'],
      ['approved for another result', clearingRunApproved, approvalOf(ben, { runId: 'forged-run', setRoot: OTHER, resultHash: OTHER }), south, 'clearing.other_result'],
    ])('when %s', async (_name, message, body, issuer, code) => {
      expect(await stage.refusal(await stage.deliver(message, body as never, issuer))).toBe(code);
      expect(await stage.obligation('genuine')).toMatchObject({ state: 'open', amount: '10', recordedBy: ben.did, confirmedBy: cal.did });
      expect(await stage.run('forged-run')).toMatchObject({ state: 'agreed', approvals: [] });
    });
    it('when approved by forgers', async () => {
      const run = await stage.run('forged-run');
      const forgeries: [object, string, string][] = [
        [approvalOf(ben, run, dia), south, 'clearing.bad_signature'], [approvalOf(ben, run), east, 'clearing.not_a_party'], [approvalOf(dia, run), south, 'clearing.not_a_party'],
      ];
      for (const [body, issuer, code] of forgeries) expect(await stage.refusal(await stage.deliver(clearingRunApproved, body as never, issuer))).toBe(code);
      expect((await stage.run('forged-run')).approvals).toEqual([]);
    });
  });

  it('is disputed when a node computes otherwise: both hashes are shown, and the obligations are open again for the next run', async () => {
    await stage.agree('torn');
    await stage.owe('torn', ringOf('torn'));
    const run = await stage.computed('torn-run', 'torn');
    await stage.approve(run);
    await stage.deliver(clearingRunComputed, stage.computation('torn-run', run), south);
    await stage.deliver(clearingRunComputed, stage.computation('torn-run', { ...run, resultHash: OTHER }), east);
    const disputed = await stage.runIs('torn-run', 'disputed');
    expect(disputed.computations.map(({ node, resultHash, isEqual }) => [node, resultHash, isEqual])).toEqual([[north, run.resultHash, true], [south, run.resultHash, true], [east, OTHER, false]]);
    expect(disputed.waitingFor).toEqual([]);
    const released = await Promise.all(['torn-1', 'torn-2', 'torn-3'].map((id) => stage.obligation(id)));
    expect(released.map(({ state, remaining }) => [state, remaining])).toEqual([['open', '100'], ['open', '80'], ['open', '60']]);
    await expect(stage.approve(run)).resolves.toMatchObject({ state: 'disputed' });
    expect(await stage.refusal(await stage.deliver(clearingRunApproved, approvalOf(ben, run), south))).toBe('clearing.wrong_state');
    expect((await stage.settled('torn-again', 'torn')).result).toMatchObject({ cleared: '180' });
  });

  it('takes everything in the least helpful order, twice, and settles once', async () => {
    const debts = ringOf('late');
    const statements = debts.map((debt) => statementOf('late', debt));
    const [first, second, third] = statements as [Statement, Statement, Statement];
    // What this node will compute is known beforehand: the same set under the same hashes.
    const { setRoot, resultHash } = computeResult(debts.map(({ id, debtor, creditor, amount }, at) => ({
      obligationId: id, statementHash: hashDocument(statements[at]!), debtor: debtor.did, creditor: creditor.did, remaining: BigInt(amount), dueAt: null,
      signedAt: [{ issuer: north, seq: 1 }, { issuer: north, seq: 1 }],
    })), 'HOUR');
    const run = { runId: 'late-run', setRoot, resultHash };
    const seqAfter = (issuer: string, count: number) => (stage.written[issuer] ?? 0) + count;
    const cutoff = { [north]: seqAfter(north, 2), [south]: seqAfter(south, 4), [east]: seqAfter(east, 5) };
    // East first, from the end of the story to its beginning as far as its own order allows; then south, the clerk; ana's node last.
    const entries: [FederationMessage, object, string][] = [
      [obligationConfirmed, confirmedBy(cal, second), east], [clearingRunComputed, stage.computation('late-run', run), east], [clearingRunApproved, approvalOf(cal, run), east],
      [obligationRecorded, recordedBy(cal, third), east], [obligationRecorded, recordedBy(cal, third), east],
      [obligationConfirmed, confirmedBy(ben, first), south], [clearingRunOpened, openingOf('late-run', 'late', ben, cutoff), south],
      [clearingRunApproved, approvalOf(ben, run), south], [obligationRecorded, recordedBy(ben, second), south], [clearingRunComputed, stage.computation('late-run', run), south],
    ];
    const delivered = [];
    for (const [message, body, issuer] of entries) delivered.push({ message, body, ...(await stage.deliver(message, body as never, issuer)) });
    await stage.taken();
    await expect(stage.obligation('late-3')).rejects.toMatchObject({ code: 'clearing.obligation_unknown' });

    await stage.agree('late', { parties: [ben, cal, ana] });
    await stage.obligationIs('late-2', 'open');
    expect((await stage.run('late-run')).waitingFor).toContain(`entries of node ${north} up to ${cutoff[north]}`);
    await probe.restart();
    await probe.ask(contract.recordObligation, inputOf(first, ana), asCooperative(ana));
    await stage.echo(obligationRecorded, 'late-1');
    await stage.obligationIs('late-1', 'open');
    await probe.ask(contract.confirmObligation, { obligationId: 'late-3', statementHash: hashDocument(third), signature: ana.sign('sep/obligation/v1', third) }, asCooperative(ana));
    await stage.echo(obligationConfirmed, 'late-3');
    await stage.runIs('late-run', 'computed', 'agreed');
    await stage.echo(clearingRunComputed, 'late-run');
    const agreed = await stage.runIs('late-run', 'agreed');
    expect(agreed).toMatchObject({ setRoot, resultHash, waitingFor: [`approval of ${ana.did}`] });

    for (const { message, body, issuer, seq } of delivered) await probe.deliver(message, body as never, { issuer, seq });
    await stage.approve(agreed);
    await stage.echo(clearingRunApproved, 'late-run');
    await stage.runIs('late-run', 'settled');
    for (const { message, body, issuer, seq } of delivered) await probe.deliver(message, body as never, { issuer, seq });
    await stage.deliver(clearingRunApproved, approvalOf(cal, run), east);
    await stage.taken();
    expect((await Promise.all(['late-1', 'late-2', 'late-3'].map((id) => stage.obligation(id)))).map(({ remaining }) => remaining)).toEqual(['40', '20', '0']);
    expect(await probe.sql('SELECT cause FROM awaiting_entry')).toEqual([]);
  });

  it('judges what had to wait as strictly as what did not', async () => {
    await stage.agree('waited');
    const statement = statementOf('waited', { id: 'waited-1', debtor: ben, creditor: cal, amount: '2' });
    const forged = await stage.deliver(obligationConfirmed, confirmedBy(cal, statement, dia), east);
    await stage.taken();
    expect(await probe.sql('SELECT cause FROM awaiting_entry')).toEqual([{ cause: 'obligation:waited-1' }]);
    await stage.deliver(obligationRecorded, recordedBy(ben, statement), south);
    expect(await stage.refusal(forged)).toBe('clearing.bad_signature');
    expect(await stage.obligation('waited-1')).toMatchObject({ state: 'recorded', confirmedBy: null });
    await stage.deliver(obligationConfirmed, confirmedBy(cal, statement), east);
    await stage.obligationIs('waited-1', 'open');
  });

  it('lets a run that is opened before the end of the last wait for it', async () => {
    await stage.agree('queue', { parties: [ben, ana] });
    const debts: Debt[] = [{ id: 'queue-1', debtor: ana, creditor: ben, amount: '9' }, { id: 'queue-2', debtor: ben, creditor: ana, amount: '4' }];
    await stage.owe('queue', debts);
    await stage.taken();
    const cutoff = { [north]: stage.written[north]!, [south]: stage.written[south]! };
    await stage.deliver(clearingRunOpened, openingOf('queue-a', 'queue', ben, cutoff), south);
    await stage.deliver(clearingRunOpened, openingOf('queue-b', 'queue', ben, cutoff), south);
    const first = await stage.runIs('queue-a', 'computed');
    await stage.echo(clearingRunComputed, 'queue-a');
    await stage.deliver(clearingRunComputed, stage.computation('queue-a', first), south);
    await expect(stage.run('queue-b')).rejects.toMatchObject({ code: 'clearing.run_unknown' });
    await stage.approve(await stage.runIs('queue-a', 'agreed'));
    await stage.deliver(clearingRunApproved, approvalOf(ben, first), south);
    const second = await stage.runIs('queue-b', 'computed');
    expect([first.result, second.result]).toMatchObject([{ grossTotal: '13', netTotal: '5' }, { grossTotal: '5', netTotal: '5', obligationCount: 1 }]);
  });

  it('finishes a run whose agreement is suspended meanwhile, and takes no new obligation', async () => {
    await stage.agree('ending');
    await stage.owe('ending', ringOf('ending'));
    const run = await stage.agreed('ending-run', 'ending');
    await stage.agree('ending', { state: 'suspended', version: 2 });
    // An old change that comes again changes nothing; what is told of another agreement after it shows that it has been read.
    await stage.agree('ending');
    await stage.agree('after-ending');
    const statement = statementOf('ending', { id: 'too-late', debtor: ana, creditor: ben, amount: '1' });
    await expect(probe.ask(contract.recordObligation, inputOf(statement, ana), asCooperative(ana))).rejects.toMatchObject({ code: 'clearing.agreement_not_active' });
    await stage.approve(run);
    for (const party of [ben, cal]) await stage.deliver(clearingRunApproved, approvalOf(party, run), HOMES.get(party)!);
    await stage.runIs('ending-run', 'settled');
    expect((await stage.obligation('ending-3')).state).toBe('discharged');
    await stage.deliver(obligationRecorded, recordedBy(ben, statementOf('ending', { id: 'under-way', debtor: ben, creditor: ana, amount: '1' })), south);
    await stage.obligationIs('under-way', 'recorded');
  });

  it('takes a statement that both sides record at once as signed by both', async () => {
    const statement = statementOf('rules', { id: 'both', debtor: ana, creditor: ben, amount: '3' });
    await probe.ask(contract.recordObligation, inputOf(statement, ana), asCooperative(ana));
    await stage.deliver(obligationRecorded, recordedBy(ben, statement), south);
    await stage.echo(obligationRecorded, 'both');
    expect(await stage.obligationIs('both', 'open')).toMatchObject({ recordedBy: ana.did, confirmedBy: ben.did });
  });

  it('computes as an observer where this node hosts no party, and says nothing', async () => {
    await stage.agree('far', { parties: [ben, cal] });
    const there = statementOf('far', { id: 'far-1', debtor: ben, creditor: cal, amount: '8' });
    const back = statementOf('far', { id: 'far-2', debtor: cal, creditor: ben, amount: '3' });
    await stage.deliver(obligationRecorded, recordedBy(ben, there), south);
    await stage.deliver(obligationRecorded, recordedBy(cal, back), east);
    await stage.deliver(obligationConfirmed, confirmedBy(cal, there), east);
    await stage.deliver(obligationConfirmed, confirmedBy(ben, back), south);
    await stage.deliver(clearingRunOpened, openingOf('far-run', 'far', ben, { [south]: stage.written[south]!, [east]: stage.written[east]! }), south);
    const run = await stage.runIs('far-run', 'computed');
    for (const node of [south, east]) await stage.deliver(clearingRunComputed, stage.computation('far-run', run), node);
    for (const party of [ben, cal]) await stage.deliver(clearingRunApproved, approvalOf(party, run), HOMES.get(party)!);
    await stage.runIs('far-run', 'settled');
    expect((await stage.obligation('far-1')).remaining).toBe('5');
    expect((await probe.sent(clearingRunComputed)).filter(({ subject }) => subject === 'far-run')).toEqual([]);
  });

  it.each([
    ['more remaining than the amount', `UPDATE obligation SET remaining = amount + 1 WHERE obligation_id = 'taken'`],
    ['less than nothing remaining', `UPDATE obligation SET remaining = -1 WHERE obligation_id = 'taken'`],
    ['a debt to oneself', `UPDATE obligation SET creditor = debtor, recorded_by = debtor WHERE obligation_id = 'taken'`],
    ['an obligation frozen in no run', `UPDATE obligation SET state = 'frozen' WHERE obligation_id = 'taken'`],
    ['a second obligation of an id', `INSERT INTO obligation SELECT * FROM obligation WHERE obligation_id = 'taken'`],
    ['a second run in progress', `INSERT INTO clearing_run SELECT 'busy-twice', agreement_id, unit, state, opened_by, opened_at, cutoff, set_root, result_hash, gross_total, net_total, positions, potentials, computations, approvals, version FROM clearing_run WHERE run_id = 'busy-run'`],
    ['a result that grows an obligation', `UPDATE clearing_run_line SET remaining_after = remaining_before + 1 WHERE run_id = 'busy-run'`],
  ])('keeps %s out of the tables', async (_name, sql) => {
    await expect(probe.sql(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^23(505|514)$/) });
  });
});
