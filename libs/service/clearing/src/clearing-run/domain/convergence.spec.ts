import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Obligation, type ObligationStatement } from '../../obligation/domain/obligation.js';
import { ClearingRun, type Approval, type ResultHashes } from './clearing-run.js';
import { frozenSet, type Candidate, type Cutoff } from './frozen-set.js';
import { computeResult } from './run-result.js';

const PARTIES = [{ cooperative: 'ana', homeNode: 'north' }, { cooperative: 'ben', homeNode: 'south' }, { cooperative: 'cal', homeNode: 'east' }];
const PAIRS = [['ana', 'ben'], ['ben', 'cal'], ['cal', 'ana'], ['ben', 'ana'], ['ana', 'ben'], ['cal', 'ben'], ['ana', 'cal'], ['ben', 'cal']] as const;
const homeOf = (party: string) => PARTIES.find(({ cooperative }) => cooperative === party)!.homeNode;

type Fact =
  | { readonly type: 'recorded'; readonly statement: ObligationStatement; readonly signer: string }
  | { readonly type: 'confirmed'; readonly obligationId: string; readonly signer: string }
  | { readonly type: 'opened'; readonly runId: string; readonly cutoff: Cutoff }
  | { readonly type: 'computed'; readonly runId: string; readonly hashes: ResultHashes }
  | { readonly type: 'approved'; readonly runId: string; readonly hashes: ResultHashes; readonly approval: Approval };
interface Entry { readonly issuer: string; readonly seq: number; readonly fact: Fact }

/** What a node does with the facts of the logs: the rules of the domain, and lists instead of tables. Its party confirms and approves at once. */
class MemoryNode {
  readonly log: Entry[] = [];
  readonly obligations = new Map<string, Obligation>();
  readonly runs = new Map<string, ClearingRun>();
  readonly reached: Record<string, number> = {};
  isInForce = false;
  private waiting: Entry[] = [];
  private readonly deeds = new Set<string>();

  constructor(readonly name: string, readonly party: string) {}

  write(fact: Fact): void {
    this.log.push({ issuer: this.name, seq: this.log.length + 1, fact });
  }

  /** Takes in an entry; one that was taken in before changes nothing. */
  take(entry: Entry): void {
    if (entry.seq === (this.reached[entry.issuer] ?? 0) + 1) {
      this.waiting.push(entry);
      this.reached[entry.issuer] = entry.seq;
    }
    this.catchUp();
  }

  catchUp(): void {
    if (!this.isInForce) return;
    for (let moved = true; moved;) {
      const waited = this.waiting.length;
      this.waiting = this.waiting.filter((entry) => !this.apply(entry));
      moved = this.waiting.length < waited || this.compute();
    }
    for (const run of this.runs.values()) this.approve(run);
  }

  /** The clerk opens a run over all it has taken in, unless one is in progress or there is nothing to clear. */
  open(): void {
    const cutoff = { ...this.reached };
    const ends = [...this.runs.values()].filter(({ state }) => state === 'settled' || state === 'disputed');
    const runId = `r-${ends.length + 1}`;
    if (frozenSet(this.candidates(), cutoff).length > 0) this.once(`open ${runId}`, { type: 'opened', runId, cutoff });
  }

  private once(deed: string, fact: Fact): void {
    if (!this.deeds.has(deed)) this.write(fact);
    this.deeds.add(deed);
  }

  /** False where the entry has to wait. */
  private apply({ issuer, seq, fact }: Entry): boolean {
    if (fact.type === 'recorded') return this.recorded(fact.statement, fact.signer, seq);
    if (fact.type === 'confirmed') return this.signed(fact.obligationId, fact.signer, seq);
    if (fact.type === 'opened') return this.opened(fact.runId, fact.cutoff);
    const run = this.runs.get(fact.runId);
    if (run === undefined || (fact.type === 'approved' && run.props.result === null)) return false;
    const heard = fact.type === 'computed' ? run.recordComputation({ node: issuer, ...fact.hashes }) : run.approve(fact.hashes, fact.approval);
    this.change(run, heard);
    return true;
  }

  private recorded(statement: ObligationStatement, signer: string, seq: number): boolean {
    const signing = { signer, signature: `${signer} on ${statement.obligation_id}`, seq };
    const known = this.obligations.get(statement.obligation_id);
    this.obligations.set(statement.obligation_id, known?.sign(signing) ?? Obligation.record(statement, 'hash', signing));
    const isOther = signer !== this.party && [statement.debtor, statement.creditor].includes(this.party);
    if (isOther) this.once(`confirm ${statement.obligation_id}`, { type: 'confirmed', obligationId: statement.obligation_id, signer: this.party });
    return true;
  }

  private signed(obligationId: string, signer: string, seq: number): boolean {
    const known = this.obligations.get(obligationId);
    if (known !== undefined) this.obligations.set(obligationId, known.sign({ signer, signature: `${signer} on ${obligationId}`, seq }));
    return known !== undefined;
  }

  private opened(runId: string, cutoff: Cutoff): boolean {
    if ([...this.runs.values()].some(({ state }) => ['open', 'computed', 'agreed'].includes(state))) return false;
    this.runs.set(runId, ClearingRun.open({ runId, agreementId: 'a', unit: 'HOUR', openedBy: 'ana', openedAt: '', cutoff, parties: PARTIES }));
    return true;
  }

  private candidates(): Candidate[] {
    return [...this.obligations.values()].filter(({ state }) => state === 'open').map(({ id, props: { statement: { debtor, creditor }, statementHash, remaining, debtor: owes, creditor: owed } }) => ({
      obligationId: id, statementHash, debtor, creditor, remaining, dueAt: null, signedAt: [{ issuer: homeOf(debtor), seq: owes!.seq! }, { issuer: homeOf(creditor), seq: owed!.seq! }],
    }));
  }

  private compute(): boolean {
    const run = [...this.runs.values()].find(({ state }) => state === 'open');
    const isComplete = run !== undefined && Object.entries(run.props.cutoff).every(([issuer, seq]) => (this.reached[issuer] ?? 0) >= seq);
    if (!isComplete) return false;
    const set = frozenSet(this.candidates(), run.props.cutoff);
    for (const { obligationId } of set) this.obligations.set(obligationId, this.obligations.get(obligationId)!.freeze(run.id));
    const result = computeResult(set, 'HOUR');
    this.write({ type: 'computed', runId: run.id, hashes: { setRoot: result.setRoot, resultHash: result.resultHash } });
    this.change(run, run.compute(result));
    return true;
  }

  private approve({ id: runId, props: { result } }: ClearingRun): void {
    if (result === null) return;
    const hashes = { setRoot: result.setRoot, resultHash: result.resultHash };
    this.once(`approve ${runId}`, { type: 'approved', runId, hashes, approval: { party: this.party, madeAt: '', signature: '' } });
  }

  private change(before: ClearingRun, after: ClearingRun): void {
    this.runs.set(after.id, after);
    if (before.state === after.state || after.state !== 'settled') return;
    for (const { obligationId, after: left } of after.props.result!.lines) this.obligations.set(obligationId, this.obligations.get(obligationId)!.settle(left));
  }
}

/** A step of the schedule: at `node`, the next entry of `issuer` comes in, or the last one again, or all there are; the agreement is in force; a party records; the clerk opens. */
const stepOf = (kind: 'deliver' | 'repeat' | 'flush' | 'force' | 'record' | 'open') => fc.record({ kind: fc.constant(kind), node: kind === 'open' ? fc.constant(0) : fc.nat(2), issuer: fc.nat(2) });
const weights = { deliver: 8, repeat: 1, flush: 12, force: 2, record: 2, open: 4 } as const;
const step = fc.oneof(...Object.entries(weights).map(([kind, weight]) => ({ weight, arbitrary: stepOf(kind as keyof typeof weights) })));
const obligations = fc.array(fc.record({ amount: fc.bigInt({ min: 1n, max: 10n ** 38n - 1n }), pair: fc.nat(PAIRS.length - 1), isTwice: fc.boolean() }), { minLength: 3, maxLength: 8 });

const balanceOf = (nodes: readonly { readonly debtor: string; readonly creditor: string; readonly amount: bigint }[]) =>
  Object.fromEntries(PARTIES.map(({ cooperative: party }) => [party, nodes.reduce((sum, { debtor, creditor, amount }) => sum + (creditor === party ? amount : 0n) - (debtor === party ? amount : 0n), 0n)]));

interface Debt { readonly amount: bigint; readonly pair: number; readonly isTwice: boolean }

class MemoryNetwork {
  readonly nodes = PARTIES.map(({ cooperative, homeNode }) => new MemoryNode(homeNode, cooperative));
  private recorded = 0;

  constructor(private readonly debts: readonly Debt[]) {}

  play({ kind, node: at, issuer }: { kind: keyof typeof weights; node: number; issuer: number }): void {
    const [node, from] = [this.nodes[at]!, this.nodes[issuer]!];
    if (kind === 'deliver') this.deliver(node, from, 1);
    if (kind === 'flush') while (this.nodes.some((each) => this.deliver(node, each, 1)));
    if (kind === 'repeat') this.deliver(node, from, 0);
    if (kind === 'record') this.record();
    if (kind === 'force') { node.isInForce = true; node.catchUp(); }
    if (kind === 'open') node.open();
  }

  /** All that is still to come comes, and the clerk clears the rest. */
  finish(): void {
    while (this.recorded < this.debts.length) this.record();
    this.nodes.forEach((_, node) => { this.play({ kind: 'force', node, issuer: node }); });
    this.drain();
    this.nodes[0]!.open();
    this.drain();
  }

  private drain(): void {
    for (let moved = true; moved;) moved = this.nodes.map((node) => this.nodes.map((from) => this.deliver(node, from, 1))).flat().some(Boolean);
  }

  private deliver(node: MemoryNode, from: MemoryNode, ahead: number): boolean {
    const entry = from.log[(node.reached[from.name] ?? 0) + ahead - 1];
    if (entry !== undefined) node.take(entry);
    return entry !== undefined;
  }

  private record(): void {
    const debt = this.debts[this.recorded];
    if (debt === undefined) return;
    this.recorded += 1;
    const [debtor, creditor] = PAIRS[debt.pair]!;
    const statement = { obligation_id: `o-${this.recorded}`, agreement_id: 'a', debtor, creditor, amount: String(debt.amount), unit: 'HOUR', reference: 'x', due_at: null, made_at: '' };
    for (const signer of debt.isTwice ? [debtor, creditor] : [debtor]) this.nodes.find(({ party }) => party === signer)!.write({ type: 'recorded', statement, signer });
  }
}

describe('three nodes', () => {
  it('settle to the same whatever the order in which all facts reach each of them', () => {
    const runs: number[] = [];
    fc.assert(fc.property(obligations, fc.array(step, { maxLength: 80, size: 'max' }), (debts, schedule) => {
      const network = new MemoryNetwork(debts);
      for (const each of schedule) network.play(each);
      network.finish();
      const ends = network.nodes.map((node) => ({
        runs: [...node.runs.values()].map((run) => [run.id, run.state, run.props.result?.setRoot, run.props.result?.resultHash]),
        obligations: [...node.obligations.values()].map(({ id, state, props }) => [id, state, props.remaining] as const).sort(),
      }));
      expect(ends[1]).toEqual(ends[0]);
      expect(ends[2]).toEqual(ends[0]);
      expect(ends[0]!.runs.every(([, state]) => state === 'settled')).toBe(true);
      expect(ends[0]!.obligations).toHaveLength(debts.length);
      expect(ends[0]!.obligations.every(([, state]) => state === 'open' || state === 'discharged')).toBe(true);
      const before = debts.map(({ amount, pair }) => ({ debtor: PAIRS[pair]![0], creditor: PAIRS[pair]![1], amount }));
      const after = [...network.nodes[0]!.obligations.values()].map(({ props: { statement: { debtor, creditor }, remaining: amount } }) => ({ debtor, creditor, amount }));
      expect(balanceOf(after)).toEqual(balanceOf(before));
      runs.push(ends[0]!.runs.length);
    }), { numRuns: 100 });
expect(Math.max(...runs)).toBeGreaterThan(1);
  });
});
