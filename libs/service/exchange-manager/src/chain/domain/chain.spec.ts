import { describe, expect, it } from '@jest/globals';
import { nodeEd25519 } from '@kula/platform-runtime';
import { nodeIdOf, walletOf, type Wallet } from '@kula/testing-fixtures';
import fc from 'fast-check';
import { freeOf, withChange, type CapacityAccount } from '../../capacity/domain/capacity-account.js';
import { decide } from './chain.js';
import type {
  Chain, Consented, ConsentStatement, Decision, Fact, FulfilmentAnswer, LocalNode, Outcome, Proposed, Said, Signalled, SignalStatement,
} from './chain.types.js';
import { takeIn, takeInLocal, type ChainEntry, type Intake, type Replica } from './take-in.js';
import { hashTerms, homeNodeOf, listingUses, type Edge, type Terms } from './terms.js';

const [north, south, east] = ['north', 'south', 'east'].map(nodeIdOf) as [string, string, string];
const [ana, ben, cal, dia] = ['ana', 'ben', 'cal', 'dia'].map(walletOf) as [Wallet, Wallet, Wallet, Wallet];
const MEMBERS = [{ wallet: ana, home: north }, { wallet: ben, home: south }, { wallet: cal, home: east }] as const;
const NODES = [north, south, east];

const DEADLINE = '2026-12-01T12:00:00Z';
/** Before the deadline, after it, and after the grace that follows it. */
const MOMENTS = [
  { now: '2026-12-01T09:00:00Z', leaseEdge: '2026-11-30T09:00:00Z', horizon: '2026-12-15T09:00:00Z' },
  { now: '2026-12-01T13:00:00Z', leaseEdge: '2026-11-30T13:00:00Z', horizon: '2026-12-15T13:00:00Z' },
  { now: '2026-12-02T13:00:00Z', leaseEdge: '2026-12-01T13:00:00Z', horizon: '2026-12-16T13:00:00Z' },
] as const;

const edge = (from: Wallet, to: Wallet): Edge => ({
  leg_id: `${from.name}-${to.name}`, from_participant: from.did, to_participant: to.did, match_score: 900_000,
  offering_id: `${from.name}-gives`, need_id: `${to.name}-needs`, description: `what ${from.name} gives`, amount: '4', unit: 'HOUR',
});

function proposalBy(issuer: string, chainId: string): Proposed {
  const edges = [edge(ana, ben), edge(ben, cal), edge(cal, ana)];
  const seat = ({ wallet, home }: (typeof MEMBERS)[number]) => [
    { participant_id: wallet.did, home_node: home, role: 'provider' as const, offering_id: `${wallet.name}-gives` },
    { participant_id: wallet.did, home_node: home, role: 'recipient' as const, need_id: `${wallet.name}-needs` },
  ];
  const terms: Terms = {
    chain_id: chainId, participants: MEMBERS.flatMap(seat), edges,
    proposed_timeline: { consent_deadline: DEADLINE, execution_start: '2026-12-02T00:00:00Z', execution_end: '2026-12-09T00:00:00Z' },
  };
  return { kind: 'proposed', issuer, entryId: null, chainId, termsHash: hashTerms(terms), proposingNode: issuer, terms, explanation: ['it closes'] };
}

const signatures = new Map<string, string>();
function signed<Statement extends ConsentStatement | SignalStatement>(wallet: Wallet, domain: 'sep/consent/v1' | 'sep/signal/v1', statement: Statement) {
  const key = JSON.stringify([wallet.name, domain, statement]);
  const signature = signatures.get(key) ?? wallet.sign(domain, statement);
  signatures.set(key, signature);
  return { statement, signature };
}

function consentOf(wallet: Wallet, chain: Pick<Chain, 'chainId' | 'termsHash' | 'terms'>, decision: 'confirm' | 'decline' = 'confirm', by: Wallet = wallet): Consented {
  const statement: ConsentStatement = {
    chain_id: chain.chainId, terms_hash: chain.termsHash, participant_id: wallet.did, decision, made_at: '2026-12-01T09:00:00Z',
  };
  return {
    kind: 'consented', issuer: homeNodeOf(chain.terms, wallet.did) ?? '', entryId: null, chainId: chain.chainId, termsHash: chain.termsHash, reason: null,
    ...signed(by, 'sep/consent/v1', statement),
  };
}

function signalOf(wallet: Wallet, chain: Pick<Chain, 'chainId' | 'termsHash' | 'terms'>, signal: Pick<SignalStatement, 'leg_id' | 'signal' | 'answer'>, by: Wallet = wallet): Signalled {
  const statement: SignalStatement = {
    chain_id: chain.chainId, terms_hash: chain.termsHash, participant_id: wallet.did, evidence_hash: null, made_at: '2026-12-03T09:00:00Z', ...signal,
  };
  return {
    kind: 'signalled', issuer: homeNodeOf(chain.terms, wallet.did) ?? '', entryId: null, chainId: chain.chainId, termsHash: chain.termsHash, note: null,
    ...signed(by, 'sep/signal/v1', statement),
  };
}

function accountsAt(node: string, capacityOf: (listingId: string) => bigint): Map<string, CapacityAccount> {
  const uses = MEMBERS.filter(({ home }) => home === node).flatMap(({ wallet }) => [
    { listingId: `${wallet.name}-gives`, kind: 'offering' as const, participantId: wallet.did },
    { listingId: `${wallet.name}-needs`, kind: 'need' as const, participantId: wallet.did },
  ]);
  return new Map(uses.map((use) => [use.listingId, {
    ...use, unit: 'HOUR', capacity: capacityOf(use.listingId), reserved: 0n, committed: 0n, isOpen: true, version: 0,
  }]));
}

/** One node of the network under test: its replicas, its accounts, its log and how far it has read the logs of all. */
class TestNode {
  readonly replicas = new Map<string, Replica>();
  readonly log: ChainEntry[] = [];
  readonly read = new Map<string, number>();
  readonly endings = new Map<string, number>();
  phase = 0;

  constructor(readonly nodeId: string, readonly accounts: Map<string, CapacityAccount>) {}

  get local(): LocalNode {
    const listings = new Map([...this.accounts].map(([id, account]) => [id, { ...account, free: freeOf(account) }]));
    return { nodeId: this.nodeId, ed25519: nodeEd25519, moment: MOMENTS[this.phase] ?? MOMENTS[0], listings };
  }

  chain(chainId: string): Chain | null { return this.replica(chainId).chain; }

  take(entry: ChainEntry): Intake { return this.write(entry.said.chainId, takeIn(this.replica(entry.said.chainId), entry, this.local)); }

  act(chainId: string, fact: Exclude<Fact, Said>): Intake { return this.write(chainId, takeInLocal(this.replica(chainId), fact, this.local)); }

  private replica(chainId: string): Replica { return this.replicas.get(chainId) ?? { chain: null, parked: [] }; }

  private write(chainId: string, intake: Intake): Intake {
    const { chain, capacityEffects, events, messages } = intake.outcome;
    this.replicas.set(chainId, { chain, parked: intake.parked });
    for (const { kind, use } of capacityEffects) {
      const account = this.accounts.get(use.listingId);
      if (account === undefined) throw new Error(`no account ${use.listingId}`);
      this.accounts.set(use.listingId, withChange(account, kind, use.amount));
    }
    this.endings.set(chainId, (this.endings.get(chainId) ?? 0) + events.length);
    for (const message of messages) {
      const seq = this.log.length + 1;
      const id = `${this.nodeId}:${seq}`;
      this.log.push({ id, issuer: this.nodeId, seq, said: { ...message, entryId: id } });
    }
    return intake;
  }
}

/** What one member means to do, as far as it is asked. */
interface Intent { readonly consent: 'confirm' | 'decline' | 'withdraw' | 'keep silent'; readonly answer: FulfilmentAnswer }

class Network {
  readonly nodes: readonly TestNode[];

  constructor(readonly proposals: readonly Proposed[], readonly intents: readonly Intent[], capacityOf: (listingId: string) => bigint = () => 4n) {
    this.nodes = NODES.map((nodeId) => new TestNode(nodeId, accountsAt(nodeId, capacityOf)));
    for (const proposal of proposals) this.node(proposal.issuer).act(proposal.chainId, { kind: 'ringSelected', proposal });
  }

  node(nodeId: string): TestNode {
    const found = this.nodes.find((node) => node.nodeId === nodeId);
    if (found === undefined) throw new Error(`no node ${nodeId}`);
    return found;
  }

  /** Deliveries and acts of members that are possible now. */
  steps(): (() => void)[] {
    return [...this.deliveries(), ...this.acts()];
  }

  /** Things that may happen at any time and must not matter: repetitions, clocks that run ahead. */
  disturbances(isClockFree: boolean): (() => void)[] {
    return this.nodes.flatMap((node) => [
      ...this.nodes.flatMap((issuer) => issuer.log.slice(0, node.read.get(issuer.nodeId) ?? 0).map((entry) => () => { attempt(() => node.take(entry)); })),
      ...(isClockFree && node.phase < 2 ? [() => { node.phase += 1; }] : []),
      ...this.proposals.map(({ chainId }) => () => { node.act(chainId, { kind: 'deadlinePassed' }); }),
    ]);
  }

  /** Everything that can happen happens; what is still undecided then meets its deadline. */
  settle(): void {
    for (let rounds = 0; rounds < 2_000; rounds += 1) {
      const [step] = this.steps();
      if (step !== undefined) step();
      else if (!this.passTime()) return;
    }
    throw new Error('the network does not come to rest');
  }

  private passTime(): boolean {
    let hasMoved = false;
    for (const node of this.nodes) {
      if (this.isDecidedEverywhere()) return hasMoved;
      hasMoved ||= node.phase < 2;
      node.phase = 2;
      for (const { chainId } of this.proposals) node.act(chainId, { kind: 'deadlinePassed' });
    }
    return hasMoved || this.steps().length > 0;
  }

  isDecidedEverywhere(): boolean {
    return this.proposals.every(({ chainId }) => this.nodes.every((node) => (node.chain(chainId)?.decision ?? null) !== null));
  }

  private deliveries(): (() => void)[] {
    return this.nodes.flatMap((node) => this.nodes.flatMap((issuer) => {
      const place = node.read.get(issuer.nodeId) ?? 0;
      const entry = issuer.log[place];
      return entry === undefined ? [] : [() => { node.read.set(issuer.nodeId, place + 1); attempt(() => node.take(entry)); }];
    }));
  }

  private acts(): (() => void)[] {
    return this.proposals.flatMap(({ chainId }) => MEMBERS.flatMap(({ wallet, home }, index) => {
      const node = this.node(home);
      const chain = node.chain(chainId);
      const intent = this.intents[index];
      if (chain === null || intent === undefined) return [];
      return [...consentsDue(chain, wallet, intent, node.phase), ...signalsDue(chain, wallet, intent)].map((fact) => () => { node.act(chainId, fact); });
    }));
  }
}

/** A refused entry changes nothing; any other failure is one. */
function attempt(take: () => void): void {
  try {
    take();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^exchange\./) });
  }
}

function consentsDue(chain: Chain, wallet: Wallet, { consent }: Intent, phase: number): Exclude<Fact, Said>[] {
  if (chain.state !== 'confirming' || phase > 0 || consent === 'keep silent') return [];
  const last = chain.consents.find(({ statement }) => statement.participant_id === wallet.did)?.statement.decision;
  if (last === undefined) return [{ kind: 'consentGiven', consent: consentOf(wallet, chain, consent === 'decline' ? 'decline' : 'confirm') }];
  return consent === 'withdraw' && last === 'confirm' ? [{ kind: 'consentGiven', consent: consentOf(wallet, chain, 'decline') }] : [];
}

function signalsDue(chain: Chain, wallet: Wallet, { answer }: Intent): Exclude<Fact, Said>[] {
  if (chain.state !== 'executing' && chain.state !== 'failed') return [];
  const due = chain.terms.edges.flatMap(({ leg_id, from_participant, to_participant }): Pick<SignalStatement, 'leg_id' | 'signal' | 'answer'>[] => {
    const leg = chain.legs.find(({ legId }) => legId === leg_id);
    const isProvider = from_participant === wallet.did;
    const isOpen = (isProvider ? leg?.providerAnswer : leg?.recipientAnswer) === null && (leg?.state === 'delivered' || leg?.state === 'disputed');
    if (isProvider && leg?.state === 'agreed') return [{ leg_id, signal: 'started', answer: null }];
    if (isProvider && leg?.state === 'started') return [{ leg_id, signal: 'delivered', answer: null }];
    return isOpen && (isProvider || to_participant === wallet.did) ? [{ leg_id, signal: 'fulfilment', answer: isProvider ? 'yes' : answer }] : [];
  });
  return due.map((signal) => ({ kind: 'signalGiven', signal: signalOf(wallet, chain, signal) }));
}

/** A replica without what is the node's own. */
const shared = (chain: Chain | null): object => ({ ...chain, lease: null });

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`);
}

/** What must hold at every moment, whatever has arrived where. */
function expectSafety({ nodes, proposals }: Network): void {
  for (const { chainId } of proposals) {
    const said = nodes.flatMap(({ log }) => log.filter((entry) => entry.said.chainId === chainId).map((entry) => entry.said));
    const chains = nodes.map((node) => node.chain(chainId));
    demand(said.filter(({ kind }) => kind === 'decided').length <= 1, 'one decision at most');
    demand(new Set(chains.flatMap((chain) => chain?.decision?.outcome ?? [])).size <= 1, 'one outcome at most');
    if (!chains.some((chain) => chain?.decision?.outcome === 'commit')) continue;
    demand(said.filter((each) => each.kind === 'acknowledged' && each.status === 'held').length === 3, 'a commitment held by every home node');
    demand(said.filter((each) => each.kind === 'consented' && each.statement.decision === 'confirm').length === 3, 'a consent of every member');
    demand(chains.every((chain) => chain?.lease === 'reserved' || chain?.lease === 'committed'), 'nothing given back of what is committed');
  }
}

/** What must hold once nothing more can happen. */
function expectRest({ nodes, proposals }: Network): void {
  const committed = new Map<string, bigint>();
  for (const { chainId, terms } of proposals) {
    const [first, ...others] = nodes.map((node) => shared(node.chain(chainId)));
    for (const other of others) expect(other).toEqual(first);
    const decisions = nodes.flatMap(({ log }) => log.filter(({ said }) => said.chainId === chainId && said.kind === 'decided'));
    expect(decisions).toHaveLength(1);
    expect(nodes.map((node) => node.endings.get(chainId))).toEqual([1, 1, 1]);
    expect(nodes.flatMap((node) => node.replicas.get(chainId)?.parked ?? [])).toEqual([]);
    if (nodes[0]?.chain(chainId)?.decision?.outcome !== 'commit') continue;
    for (const { listingId, amount } of listingUses(terms)) committed.set(listingId, (committed.get(listingId) ?? 0n) + amount);
  }
  for (const account of nodes.flatMap((node) => [...node.accounts.values()])) {
    expect(account.reserved).toBe(0n);
    expect(account.committed).toBe(committed.get(account.listingId) ?? 0n);
  }
}

const WILLING: Intent = { consent: 'confirm', answer: 'yes' };
const outcomeOf = (network: Network, chainId = 'ring') => network.node(north).chain(chainId)?.state;

/** A chain at the node, having heard everything up to what the check stops at. */
function chainAt(nodeId: string, stop: (chain: Chain) => boolean): { readonly node: TestNode; readonly chain: Chain; readonly network: Network } {
  const network = new Network([proposalBy(north, 'ring')], [WILLING, WILLING, WILLING]);
  for (let rounds = 0; rounds < 500; rounds += 1) {
    const node = network.node(nodeId);
    const chain = node.chain('ring');
    if (chain !== null && stop(chain)) return { node, chain, network };
    network.steps()[0]?.();
  }
  throw new Error('the chain does not come so far');
}

describe('a ring of three nodes', () => {
  const intent: fc.Arbitrary<Intent> = fc.record({
    consent: fc.oneof({ weight: 6, arbitrary: fc.constant('confirm' as const) }, { weight: 1, arbitrary: fc.constantFrom('decline' as const, 'withdraw' as const, 'keep silent' as const) }),
    answer: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('yes' as const, 'partially' as const) }, { weight: 1, arbitrary: fc.constant('no' as const) }),
  });
  const intents = fc.tuple(intent, intent, intent);
  const choices = fc.array(fc.nat(999_999), { minLength: 0, maxLength: 150, size: 'max' });
  const capacities = fc.array(fc.oneof({ weight: 12, arbitrary: fc.constant(4n) }, { weight: 1, arbitrary: fc.constant(3n) }), { minLength: 6, maxLength: 6 });

  function play(network: Network, picks: readonly number[], isClockFree: boolean): void {
    for (const pick of picks) {
      const steps = network.steps();
      const possible = pick % 4 === 0 ? network.disturbances(isClockFree) : steps;
      possible[Math.floor(pick / 4) % Math.max(1, possible.length)]?.();
      expectSafety(network);
    }
    network.settle();
    expectSafety(network);
    expectRest(network);
  }

  it('ends alike everywhere by one decision, in whatever order everything arrives', () => {
    const seen = new Set<string | undefined>();
    fc.assert(fc.property(intents, choices, capacities, fc.boolean(), (plans, picks, sizes, isClockFree) => {
      const listings = MEMBERS.flatMap(({ wallet }) => [`${wallet.name}-gives`, `${wallet.name}-needs`]);
      const network = new Network([proposalBy(north, 'ring')], plans, (listingId) => sizes[listings.indexOf(listingId)] ?? 4n);
      play(network, picks, isClockFree);
      seen.add(outcomeOf(network));
    }), { numRuns: 150, seed: 20_261_201 });
    expect([...seen].sort()).toEqual(['aborted', 'completed', 'failed']);
  });

  it('shares one capacity with a rival ring without ever promising it twice', () => {
    const seen = new Set<string>();
    fc.assert(fc.property(choices, fc.constantFrom(4n, 8n), (picks, capacity) => {
      const network = new Network([proposalBy(north, 'ring'), proposalBy(south, 'rival')], [WILLING, WILLING, WILLING], () => capacity);
      play(network, picks, false);
      seen.add(`${capacity}: ${outcomeOf(network)} ${outcomeOf(network, 'rival')}`);
    }), { numRuns: 60, seed: 20_261_202 });
    expect(seen).toContain('8: completed completed');
    expect(seen).toContain('4: completed aborted');
    expect(seen).toContain('4: aborted completed');
    expect(seen).not.toContain('4: completed completed');
  });

  it('completes when everybody confirms and every leg is fulfilled', () => {
    const network = new Network([proposalBy(north, 'ring')], [WILLING, WILLING, WILLING]);
    network.settle();
    expectRest(network);
    expect(outcomeOf(network)).toBe('completed');
  });

  it.each<[string, readonly Intent[], string, string | null]>([
    ['a member declines', [WILLING, { ...WILLING, consent: 'decline' }, WILLING], 'aborted', 'declined'],
    ['a member withdraws before the last consent', [{ ...WILLING, consent: 'withdraw' }, WILLING, { ...WILLING, consent: 'keep silent' }], 'aborted', 'declined'],
    ['a member never answers', [WILLING, WILLING, { ...WILLING, consent: 'keep silent' }], 'aborted', 'expired'],
    ['a recipient says that nothing was delivered', [WILLING, { ...WILLING, answer: 'no' }, WILLING], 'failed', 'disputed'],
  ])('ends when %s', (_what, intents_, state, reason) => {
    const network = new Network([proposalBy(north, 'ring')], intents_);
    network.settle();
    expectRest(network);
    expect(network.nodes.map((node) => node.chain('ring')?.state)).toEqual([state, state, state]);
    expect(network.node(east).chain('ring')?.reason).toBe(reason);
  });

  it('commits with the last consent where one node is the home of all', () => {
    const { terms, ...rest } = proposalBy(north, 'ring');
    const local: Terms = { ...terms, participants: terms.participants.map((seat) => ({ ...seat, home_node: north })) };
    const proposal: Proposed = { ...rest, terms: local, termsHash: hashTerms(local) };
    const accounts = NODES.flatMap((home) => [...accountsAt(home, () => 4n)]);
    const node = new TestNode(north, new Map(accounts));
    node.act('ring', { kind: 'ringSelected', proposal });
    node.take({ id: `${north}:1`, issuer: north, seq: 1, said: proposal });
    for (const wallet of [ana, ben, cal]) node.act('ring', { kind: 'consentGiven', consent: consentOf(wallet, proposal) });
    expect(node.chain('ring')?.state).toBe('executing');
    expect(node.log.map(({ said }) => said.kind)).toEqual(['proposed', 'answered', 'consented', 'consented', 'consented', 'committed', 'acknowledged', 'decided']);
    expect([...node.accounts.values()].every(({ reserved, committed }) => reserved === 0n && committed === 4n)).toBe(true);
    for (const { said, ...entry } of [...node.log]) expect(node.take({ ...entry, said }).outcome.status).toBe('unchanged');
  });

  it('tells who gave what to whom, and whose delivery failed', () => {
    const { node, chain, network } = chainAt(south, ({ state, legs }) => state === 'executing' && legs[0]?.state === 'delivered');
    const endings: Outcome['events'][number][] = [];
    const no = signalOf(ben, chain, { leg_id: 'ana-ben', signal: 'fulfilment', answer: 'no' });
    endings.push(...node.act('ring', { kind: 'signalGiven', signal: no }).outcome.events);
    const original = node.act.bind(node);
    node.act = (id, fact) => { const intake = original(id, fact); endings.push(...intake.outcome.events); return intake; };
    const take = node.take.bind(node);
    node.take = (entry) => { const intake = take(entry); endings.push(...intake.outcome.events); return intake; };
    network.settle();
    expect(endings).toHaveLength(1);
    expect(endings[0]).toMatchObject({ outcome: 'failed', reason: 'disputed', listings: expect.arrayContaining(['ana-gives', 'ben-needs']) });
    expect(endings[0]?.members.find(({ participantId }) => participantId === ana.did))
      .toEqual({ participantId: ana.did, homeNode: north, partners: [cal.did, ben.did], given: 'no', isAtFault: true });
    expect(endings[0]?.members.filter(({ isAtFault }) => isAtFault)).toHaveLength(1);
  });
});

describe('a proposal', () => {
  const proposal = proposalBy(north, 'ring');
  const takeAt = (node: TestNode, said: Said) => node.take({ id: `${said.issuer}:1`, issuer: said.issuer, seq: 1, said });
  const fresh = (capacity = 4n) => new TestNode(south, accountsAt(south, () => capacity));
  const answerOf = ({ outcome }: Intake) => outcome.messages.map((message) => message.kind === 'answered' ? [message.status, message.reason] : message.kind);

  it('is answered with a reservation', () => {
    const node = fresh();
    expect(answerOf(takeAt(node, proposal))).toEqual([['validated', null]]);
    expect([...node.accounts.values()].map(({ reserved }) => reserved)).toEqual([4n, 4n]);
  });

  it('is answered once, however often it is repeated', () => {
    const node = fresh();
    takeAt(node, proposal);
    expect(takeAt(node, { ...proposal, entryId: 'again' }).outcome).toMatchObject({ status: 'unchanged', messages: [], capacityEffects: [] });
  });

  it.each<[string, (node: TestNode) => void, string]>([
    ['too little is left', (node) => change(node, 'ben-gives', { capacity: 3n }), 'offering ben-gives has only 3 HOUR left'],
    ['a listing is withdrawn', (node) => change(node, 'ben-needs', { isOpen: false }), 'need ben-needs is withdrawn'],
    ['a unit differs', (node) => change(node, 'ben-gives', { unit: 'KGM' }), 'offering ben-gives is in KGM'],
    ['a listing is unknown', (node) => { node.accounts.delete('ben-needs'); }, 'need ben-needs is unknown'],
    ['a listing is somebody else\'s', (node) => change(node, 'ben-gives', { participantId: dia.did }), 'offering ben-gives is unknown'],
    ['an offering is given as a need', (node) => change(node, 'ben-gives', { kind: 'need' }), 'offering ben-gives is unknown'],
    ['its deadline has passed', (node) => { node.phase = 1; }, 'the consent deadline has passed'],
  ])('is rejected with the reason when %s', (_what, arrange, reason) => {
    const node = fresh();
    arrange(node);
    expect(answerOf(takeAt(node, proposal))).toEqual([['rejected', reason]]);
    expect([...node.accounts.values()].map(({ reserved }) => reserved)).toEqual(node.accounts.has('ben-needs') ? [0n, 0n] : [0n]);
  });

  it('is rejected with the reason when its deadline is too far away', () => {
    const terms = { ...proposal.terms, proposed_timeline: { ...proposal.terms.proposed_timeline, consent_deadline: '2027-12-01T12:00:00Z' } };
    expect(answerOf(takeAt(fresh(), { ...proposal, terms, termsHash: hashTerms(terms) }))).toEqual([['rejected', 'the consent deadline is too far away']]);
  });

  function change(node: TestNode, listingId: string, fields: Partial<CapacityAccount>): void {
    const account = node.accounts.get(listingId);
    if (account !== undefined) node.accounts.set(listingId, { ...account, ...fields });
  }

  it.each<[string, Partial<Proposed>, string]>([
    ['in another node\'s name', { proposingNode: east }, 'exchange.foreign_issuer'],
    ['with the hash of other terms', { termsHash: 'A'.repeat(43) }, 'exchange.other_terms'],
    ['without a leg', { terms: { ...proposal.terms, edges: proposal.terms.edges.slice(1) } }, 'exchange.malformed_proposal'],
  ])('is refused %s', (_what, fields, code) => {
    const said = { ...proposal, ...fields };
    const forged = fields.terms === undefined ? said : { ...said, termsHash: hashTerms(said.terms) };
    expect(() => takeAt(fresh(), forged)).toThrow(expect.objectContaining({ code }));
  });

  it('is refused under the id of another chain', () => {
    const node = fresh();
    takeAt(node, proposal);
    expect(() => takeAt(node, proposalBy(east, 'ring'))).toThrow(expect.objectContaining({ code: 'exchange.chain_id_taken' }));
  });

  it('is ignored, with what waited for it, by a node without members', () => {
    const west = new TestNode(nodeIdOf('west'), new Map());
    const answer: Said = { kind: 'answered', issuer: south, entryId: null, chainId: 'ring', termsHash: proposal.termsHash, status: 'validated', reason: null };
    expect(takeAt(west, answer).parked).toHaveLength(1);
    expect(takeAt(west, proposal)).toMatchObject({ outcome: { status: 'ignored', chain: null }, parked: [] });
  });
});

describe('what nodes say about a chain', () => {
  const { chain: confirming } = chainAt(south, ({ state }) => state === 'confirming');
  const { chain: held, node: holder } = chainAt(south, ({ state }) => state === 'held');
  const { chain: executing } = chainAt(south, ({ state }) => state === 'executing');
  const certificate = held.certificate ?? [];
  const local = holder.local;
  const base = { entryId: null, chainId: 'ring', termsHash: confirming.termsHash };
  const other = { ...base, termsHash: 'A'.repeat(43) };
  const [first, ...rest] = certificate as [Chain['consents'][number], ...Chain['consents']];
  const forgedFirst = { ...first, ...signed(dia, 'sep/consent/v1', first.statement) };

  it.each<[string, Chain, Said, string]>([
    ['an answer of a node without members', confirming, { kind: 'answered', issuer: nodeIdOf('west'), ...base, status: 'validated', reason: null }, 'exchange.foreign_issuer'],
    ['an answer to other terms', confirming, { kind: 'answered', issuer: east, ...other, status: 'validated', reason: null }, 'exchange.other_terms'],
    ['an answer against an earlier one', confirming, { kind: 'answered', issuer: east, ...base, status: 'rejected', reason: 'no' }, 'exchange.contradiction'],
    ['a consent of another node\'s member', confirming, { ...consentOf(ana, confirming), issuer: east }, 'exchange.not_a_member'],
    ['a consent of nobody\'s', confirming, { ...consentOf(dia, confirming), issuer: east }, 'exchange.not_a_member'],
    ['a consent to other terms', confirming, consentOf(ana, { ...confirming, termsHash: other.termsHash }), 'exchange.other_terms'],
    ['a consent signed by somebody else', confirming, consentOf(ana, confirming, 'confirm', dia), 'exchange.bad_signature'],
    ['a consent whose signature is of another statement', confirming, { ...consentOf(ana, confirming), signature: consentOf(ana, confirming, 'decline').signature }, 'exchange.bad_signature'],
    ['a consent made after the deadline', confirming, lateConsent(), 'exchange.consent_expired'],
    ['a consent without its home node\'s answer', { ...confirming, answers: [] }, consentOf(ana, confirming), 'exchange.wrong_state'],
    ['a withdrawal after its home node has acknowledged', held, consentOf(ben, held, 'decline'), 'exchange.wrong_state'],
    ['a certificate of another node', confirming, { kind: 'committed', issuer: east, ...base, consents: certificate }, 'exchange.foreign_issuer'],
    ['a certificate that lacks a member', confirming, { kind: 'committed', issuer: north, ...base, consents: rest }, 'exchange.incomplete_certificate'],
    ['a certificate with one member twice', confirming, { kind: 'committed', issuer: north, ...base, consents: [...rest.slice(1), ...rest.slice(0, 1), ...rest.slice(0, 1)] }, 'exchange.incomplete_certificate'],
    ['a certificate with a refusal', confirming, { kind: 'committed', issuer: north, ...base, consents: certificate.map((each) => each === first ? consentOf(walletOfDid(first.statement.participant_id), confirming, 'decline') : each) }, 'exchange.incomplete_certificate'],
    ['a certificate over other terms', confirming, { kind: 'committed', issuer: north, ...base, consents: [consentOf(walletOfDid(first.statement.participant_id), { ...confirming, termsHash: other.termsHash }), ...rest] }, 'exchange.incomplete_certificate'],
    ['a certificate of another chain', confirming, { kind: 'committed', issuer: north, ...base, consents: [consentOf(walletOfDid(first.statement.participant_id), { ...confirming, chainId: 'other' }), ...rest] }, 'exchange.incomplete_certificate'],
    ['a certificate with a forged consent', confirming, { kind: 'committed', issuer: north, ...base, consents: [forgedFirst, ...rest] }, 'exchange.bad_signature'],
    ['another certificate', held, { kind: 'committed', issuer: north, ...base, consents: [...certificate].reverse() }, 'exchange.contradiction'],
    ['a certificate after the decision', { ...held, certificate: null, decision: { outcome: 'abort', reason: 'expired' } }, { kind: 'committed', issuer: north, ...base, consents: certificate }, 'exchange.contradiction'],
    ['an acknowledgement of a node without members', held, { kind: 'acknowledged', issuer: nodeIdOf('west'), ...base, proposingNode: north, status: 'held', reason: null }, 'exchange.foreign_issuer'],
    ['an acknowledgement towards another coordinator', held, { kind: 'acknowledged', issuer: east, ...base, proposingNode: east, status: 'held', reason: null }, 'exchange.foreign_issuer'],
    ['an acknowledgement against an earlier one', held, { kind: 'acknowledged', issuer: south, ...base, proposingNode: north, status: 'refused', reason: null }, 'exchange.contradiction'],
    ['an acknowledgement of what was aborted before', { ...confirming, state: 'aborted', decision: { outcome: 'abort', reason: 'expired' } }, { kind: 'acknowledged', issuer: east, ...base, proposingNode: north, status: 'held', reason: null }, 'exchange.wrong_state'],
    ['a decision of another node', held, { kind: 'decided', issuer: east, ...base, decision: { outcome: 'abort', reason: 'expired' } }, 'exchange.foreign_issuer'],
    ['a decision to commit without a certificate', confirming, { kind: 'decided', issuer: north, ...base, decision: { outcome: 'commit', reason: 'all_held' } }, 'exchange.not_all_held'],
    ['a decision to commit what a node refused', { ...held, acknowledgements: [...held.acknowledgements, { node: east, status: 'refused', reason: null }] }, { kind: 'decided', issuer: north, ...base, decision: { outcome: 'commit', reason: 'all_held' } }, 'exchange.not_all_held'],
    ['a second decision', executing, { kind: 'decided', issuer: north, ...base, decision: { outcome: 'abort', reason: 'expired' } }, 'exchange.contradiction'],
    ['a signal on no leg', executing, signalOf(ana, executing, { leg_id: 'none', signal: 'started', answer: null }), 'exchange.leg_unknown'],
    ['a start by the recipient', executing, signalOf(ben, executing, { leg_id: 'ana-ben', signal: 'started', answer: null }), 'exchange.not_your_leg'],
    ['a signal of another node\'s member', executing, { ...signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'started', answer: null }), issuer: east }, 'exchange.not_your_leg'],
    ['a signal under other terms', executing, signalOf(ana, { ...executing, termsHash: other.termsHash }, { leg_id: 'ana-ben', signal: 'started', answer: null }), 'exchange.other_terms'],
    ['a signal signed by somebody else', executing, signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'started', answer: null }, dia), 'exchange.bad_signature'],
    ['a fulfilment without an answer', executing, signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'fulfilment', answer: null }), 'exchange.answer_missing'],
    ['a start with an answer', executing, signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'started', answer: 'yes' }), 'exchange.answer_missing'],
    ['a delivery before the start', executing, signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'delivered', answer: null }), 'exchange.wrong_state'],
    ['a provider\'s answer before the delivery', executing, signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'fulfilment', answer: 'yes' }), 'exchange.wrong_state'],
    ['a signal in an aborted chain', { ...confirming, state: 'aborted', decision: { outcome: 'abort', reason: 'expired' } }, signalOf(ana, confirming, { leg_id: 'ana-ben', signal: 'started', answer: null }), 'exchange.wrong_state'],
  ])('is refused: %s', (_what, chain, said, code) => {
    expect(() => decide(chain, said, local)).toThrow(expect.objectContaining({ code }));
  });

  it.each<[string, Chain | null, Said]>([
    ['anything about a chain that is not known yet', null, consentOf(ana, confirming)],
    ['an acknowledgement before the certificate', confirming, { kind: 'acknowledged', issuer: east, ...base, proposingNode: north, status: 'held', reason: null }],
    ['a decision to commit before every acknowledgement', held, { kind: 'decided', issuer: north, ...base, decision: { outcome: 'commit', reason: 'all_held' } }],
    ['a signal before the decision', held, signalOf(ana, held, { leg_id: 'ana-ben', signal: 'started', answer: null })],
    ['a recipient\'s answer before the delivery', executing, signalOf(cal, executing, { leg_id: 'ben-cal', signal: 'fulfilment', answer: 'yes' })],
  ])('waits for its cause: %s', (_what, chain, said) => {
    expect(decide(chain, said, local)).toMatchObject({ status: 'premature', chain, messages: [], capacityEffects: [] });
  });

  it('a second consent is refused, a withdrawal is taken, and nothing follows a withdrawal', () => {
    const confirmed = decide(confirming, consentOf(ana, confirming), local).chain;
    const again = { ...consentOf(ana, confirming), ...signed(ana, 'sep/consent/v1', { ...consentOf(ana, confirming).statement, made_at: '2026-12-01T10:00:00Z' }) };
    expect(() => decide(confirmed, again, local)).toThrow(expect.objectContaining({ code: 'exchange.consent_already_given' }));
    const withdrawn = decide(confirmed, consentOf(ana, confirming, 'decline'), local).chain;
    expect(withdrawn?.consents.map(({ statement }) => statement.decision)).toContain('decline');
    expect(() => decide(withdrawn, again, local)).toThrow(expect.objectContaining({ code: 'exchange.consent_already_given' }));
  });

  it.each<[string, (chain: Chain) => boolean]>([
    ['before every home node has validated', ({ state, answers }) => state === 'proposed' && answers.some(({ node }) => node === south)],
    ['after the last consent', ({ state }) => state === 'held'],
  ])('a member\'s answer is not taken at home %s', (_when, stop) => {
    const { node, chain } = chainAt(south, stop);
    const fact = { kind: 'consentGiven' as const, consent: consentOf(ben, chain, 'decline') };
    expect(() => node.act('ring', fact)).toThrow(expect.objectContaining({ code: 'exchange.wrong_state' }));
  });

  it('a leg is fulfilled when both sides have answered', () => {
    const { chain } = chainAt(south, ({ legs }) => legs[0]?.state === 'delivered' && legs[0].providerAnswer === null && legs[0].recipientAnswer === null);
    const byRecipient = decide(chain, signalOf(ben, chain, { leg_id: 'ana-ben', signal: 'fulfilment', answer: 'partially' }), local).chain;
    expect(byRecipient?.legs[0]).toMatchObject({ state: 'delivered', recipientAnswer: 'partially' });
    const byBoth = decide(byRecipient, signalOf(ana, chain, { leg_id: 'ana-ben', signal: 'fulfilment', answer: 'yes' }), local).chain;
    expect(byBoth?.legs[0]).toMatchObject({ state: 'fulfilled', providerAnswer: 'yes' });
  });

  it('a second signal with another statement is refused', () => {
    const started = decide(executing, signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'started', answer: null }), local).chain;
    const statement = { ...signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'started', answer: null }).statement, made_at: '2026-12-04T09:00:00Z' };
    const again = { ...signalOf(ana, executing, { leg_id: 'ana-ben', signal: 'started', answer: null }), ...signed(ana, 'sep/signal/v1', statement) };
    expect(() => decide(started, again, local)).toThrow(expect.objectContaining({ code: 'exchange.signal_already_given' }));
  });

  it('a commitment is refused by a home node whose member has withdrawn, and its reservation is given back', () => {
    const left = { ...confirming, consents: [consentOf(ben, confirming, 'decline')] };
    const outcome = decide(left, { kind: 'committed', issuer: north, ...base, consents: certificate }, local);
    expect(outcome.messages).toMatchObject([{ kind: 'acknowledged', status: 'refused', reason: 'a member has withdrawn' }]);
    expect(outcome.capacityEffects.map(({ kind }) => kind)).toEqual(['release', 'release']);
    expect(outcome.chain).toMatchObject({ state: 'confirming', lease: 'released' });
  });

  function lateConsent(): Consented {
    const consent = consentOf(ana, confirming);
    return { ...consent, ...signed(ana, 'sep/consent/v1', { ...consent.statement, made_at: '2026-12-01T12:00:00.001Z' }) };
  }

  function walletOfDid(did: string): Wallet {
    return [ana, ben, cal].find((wallet) => wallet.did === did) ?? dia;
  }
});

describe('time', () => {
  const at = (phase: number, nodeId: string, chain: Chain) => {
    const node = new TestNode(nodeId, new Map());
    node.phase = phase;
    return decide(chain, { kind: 'deadlinePassed' }, node.local);
  };

  it('changes nothing before the deadline', () => {
    const { chain } = chainAt(north, ({ state }) => state === 'confirming');
    expect(at(0, north, chain)).toMatchObject({ status: 'unchanged', messages: [] });
  });

  it('makes the coordinator abort at the deadline what is not complete', () => {
    const { chain } = chainAt(north, ({ state }) => state === 'confirming');
    const outcome = at(1, north, chain);
    expect(outcome.messages).toMatchObject([{ kind: 'decided', decision: { outcome: 'abort', reason: 'expired' } }]);
    expect(outcome.chain).toMatchObject({ state: 'aborted', reason: 'expired', lease: 'released' });
  });

  it('gives a complete commitment the grace to be held everywhere', () => {
    const { chain } = chainAt(north, ({ state }) => state === 'held');
    expect(at(1, north, chain)).toMatchObject({ status: 'unchanged', messages: [] });
    expect(at(2, north, chain).messages).toMatchObject([{ kind: 'decided', decision: { outcome: 'abort', reason: 'expired' } }]);
  });

  it('frees a home node of what it has not promised, and it refuses the commitment afterwards', () => {
    const { chain } = chainAt(south, ({ state }) => state === 'confirming');
    const { chain: held, node } = chainAt(south, ({ state }) => state === 'held');
    expect(at(1, south, chain)).toMatchObject({ status: 'unchanged', capacityEffects: [] });
    const lapsed = at(2, south, chain);
    expect(lapsed).toMatchObject({ chain: { state: 'confirming', lease: 'lapsed' }, messages: [] });
    expect(lapsed.capacityEffects.map(({ kind }) => kind)).toEqual(['release', 'release']);
    const committed: Said = { kind: 'committed', issuer: north, entryId: null, chainId: 'ring', termsHash: chain.termsHash, consents: held.certificate ?? [] };
    expect(decide(lapsed.chain, committed, node.local).messages).toMatchObject([{ kind: 'acknowledged', status: 'refused', reason: 'nothing is reserved any more' }]);
  });

  it('never frees a home node of what it has acknowledged', () => {
    const { chain } = chainAt(south, ({ state }) => state === 'held');
    expect(at(2, south, chain)).toMatchObject({ status: 'unchanged', capacityEffects: [] });
  });
});

describe('entries that come before their cause', () => {
  it('of one issuer never overtake each other, and apply in its order when the cause comes', () => {
    const { network } = chainAt(south, ({ state }) => state === 'held');
    const late = new TestNode(east, accountsAt(east, () => 4n));
    const [proposal, ...others] = network.node(north).log as [ChainEntry, ...ChainEntry[]];
    const waiting = [...network.node(south).log, ...others];
    for (const entry of waiting) expect(late.take(entry)).toMatchObject({ outcome: { status: 'premature' } });
    const { outcome, parked } = late.take(proposal);
    const applied = outcome.steps.flatMap(({ entryId }) => entryId ?? []);
    for (const { nodeId, log } of [network.node(north), network.node(south)]) {
      expect(applied.filter((id) => id.startsWith(nodeId))).toEqual(log.map(({ id }) => id));
    }
    expect(outcome.messages.map(({ kind }) => kind)).toEqual(['answered', 'acknowledged']);
    expect(parked).toEqual([]);
  });

  it('keep a coordinator to its first word, even where the second could be applied at once', () => {
    const { chain, node } = chainAt(south, ({ state }) => state === 'held');
    const own = chain.acknowledgements.filter(({ node: each }) => each === south);
    const decided = (seq: number, decision: Decision): ChainEntry => ({
      id: `${north}:${seq}`, issuer: north, seq, said: { kind: 'decided', issuer: north, entryId: `${north}:${seq}`, chainId: 'ring', termsHash: chain.termsHash, decision },
    });
    const acknowledged = (issuer: string): ChainEntry => ({
      id: `${issuer}:90`, issuer, seq: 90, said: { kind: 'acknowledged', issuer, entryId: null, chainId: 'ring', termsHash: chain.termsHash, proposingNode: north, status: 'held', reason: null },
    });
    let replica: Replica = { chain: { ...chain, acknowledgements: own, consents: [] }, parked: [] };
    const take = (entry: ChainEntry) => {
      const intake = takeIn(replica, entry, node.local);
      replica = { chain: intake.outcome.chain, parked: intake.parked };
      return intake;
    };
    take(acknowledged(north));
    take(decided(91, { outcome: 'commit', reason: 'all_held' }));
    expect(take(decided(92, { outcome: 'abort', reason: 'expired' })).parked).toHaveLength(2);
    take({ ...acknowledged(east), id: `${east}:89`, seq: 89, said: consentOf(cal, chain) });
    expect(replica).toMatchObject({ chain: { state: 'held', decision: null }, parked: [{ seq: 91 }, { seq: 92 }] });
    expect(take(acknowledged(east)).refused).toMatchObject([{ entry: { seq: 92 }, error: { code: 'exchange.contradiction' } }]);
    expect(replica).toMatchObject({ chain: { state: 'executing' }, parked: [] });
  });

  it('change nothing when they are repeated while they wait', () => {
    const { network } = chainAt(north, ({ state }) => state === 'completed');
    const late = new TestNode(east, accountsAt(east, () => 4n));
    const [answer] = network.node(south).log as [ChainEntry];
    late.take(answer);
    expect(late.take(answer)).toMatchObject({ outcome: { status: 'unchanged' }, parked: [answer] });
  });

  it('are recorded as refused when they turn out wrong, without undoing their cause', () => {
    const proposal = proposalBy(north, 'ring');
    const node = new TestNode(south, accountsAt(south, () => 4n));
    const forged = consentOf(cal, proposal, 'confirm', dia);
    node.take({ id: `${east}:1`, issuer: east, seq: 1, said: forged });
    const intake = node.take({ id: `${north}:1`, issuer: north, seq: 1, said: proposal });
    expect(intake.refused).toMatchObject([{ entry: { id: `${east}:1` }, error: { code: 'exchange.bad_signature' } }]);
    expect(intake.parked).toEqual([]);
    expect(node.chain('ring')?.state).toBe('proposed');
  });
});
