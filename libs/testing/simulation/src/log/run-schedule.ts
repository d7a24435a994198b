import { commitmentTo } from '@kula/kernel-federation-log';
import { seededRandom } from '@kula/testing-fixtures';
import { Scheduler } from '../scheduler.js';
import type { Bug } from './bugs.js';
import { outcomeFaults } from './check-outcome.js';
import { FaultPlayer } from './fault-player.js';
import { Diary, type HappeningCounts } from './happenings.js';
import { Liar } from './liar.js';
import { CALM, Network } from './network.js';
import type { Draft } from './node/disks.js';
import { HonestNode } from './node/honest-node.js';
import { Places } from './places.js';
import { endOf, planOf, type Plan } from './plan.js';
import { keysOf, rememberingEd25519 } from './signatures.js';
import { Witness } from './witness.js';
import type { World } from './world.js';

/** What one schedule came to. */
export interface ScheduleResult {
  readonly seed: number;
  readonly steps: number;
  /** Entries that honest nodes have sealed, that were stored by anybody, and that services have applied. */
  readonly sealed: number;
  readonly stored: number;
  readonly applied: number;
  readonly happened: HappeningCounts;
  /** In words; empty where everything that must hold has held. */
  readonly violations: readonly string[];
  /** What happened when, and what each node holds in the end; empty unless it was asked for. */
  readonly timeline: readonly string[];
}

export interface ScheduleOptions {
  readonly isTold?: boolean;
  /** Mistakes that every honest node makes. */
  readonly bugs?: readonly Bug[];
}

/** When everything is whole again, everything that must hold in the end has to hold within this time. */
const CALM_MS_MAX = 300_000;
/** And go on to hold from one look to the next: longer than it takes all nodes to hear from all peers. */
const LOOK_MS = 13_000;

const LETTERS = 'abcdefgh';

/** Runs the schedule of a seed to its end. Deterministic: the same seed gives the same run on every machine. */
export function runLogSchedule(seed: number, { isTold = false, bugs = [] }: ScheduleOptions = {}): ScheduleResult {
  const random = seededRandom(seed);
  const plan = planOf(random);
  const scheduler = new Scheduler(random);
  const diary = new Diary(isTold, () => scheduler.now);
  const world: World = {
    scheduler, random, diary, network: new Network(scheduler, random, diary), ed25519: rememberingEd25519(bugs.includes('verifies no signatures')),
    witness: new Witness(), places: new Places(), bugs: new Set(bugs),
  };
  const run = new Run(plan, world);
  run.play();
  const { violations, counts } = world.witness;
  return { seed, steps: scheduler.steps, ...counts, happened: diary.counts, violations, timeline: isTold ? [...diary.lines, ...run.holdings()] : [] };
}

class Run {
  private readonly nodes: readonly HonestNode[];
  private readonly liar: Liar | undefined;
  private readonly faults: FaultPlayer;
  private drafted = 0;

  constructor(private readonly plan: Plan, private readonly world: World) {
    this.nodes = Array.from({ length: plan.honest }, (_unused, index) => {
      const keys = keysOf(`node ${LETTERS[index] ?? ''}`);
      world.witness.knows(keys.id, keys.name, true);
      return new HonestNode(keys, plan.view, world);
    });
    for (const [one, other] of plan.cables) join(this.nodes[one]!, this.nodes[other]!, world.network);
    this.liar = plan.lies.length === 0 ? undefined : this.makeLiar();
    this.faults = new FaultPlayer(plan, this.nodes, world);
  }

  play(): void {
    const { plan, world: { scheduler, network, random, diary } } = this;
    network.weather = plan.weather;
    diary.tell(() => `${plan.honest} nodes, cables ${plan.cables.map(([one, other]) => `${LETTERS[one] ?? ''}${LETTERS[other] ?? ''}`).join(' ')}, view ${plan.view}, the liar ${plan.lies.join(', ') || 'is not there'}`);
    for (const [index, node] of this.nodes.entries()) {
      const isLate = plan.late?.node === index;
      node.draft({ ...this.beginningOf(node), askedAt: scheduler.now });
      scheduler.after(isLate ? plan.late.at : random(500), () => { if (!node.isUp) this.begin(node, isLate); });
    }
    this.liar?.start(plan.troubleMs);
    this.keepDrafting();
    this.faults.arrange();
    scheduler.runUntil(Math.max(plan.troubleMs, plan.late?.at ?? 0, ...plan.faults.map(endOf)) + 1);
    this.calmDown();
  }

  /** Everything is made whole, everybody has a last word to say; then all must come to agree, and stay so. */
  private calmDown(): void {
    const { scheduler, network, witness, diary } = this.world;
    network.weather = CALM;
    network.healAll();
    for (const node of this.nodes) if (!node.isUp) this.faults.start(node);
    for (const node of this.nodes) node.draft({ id: `last word of ${node.name}`, topic: 'chains', type: 'chain.noted', sub: node.name, askedAt: scheduler.now });
    diary.tell(() => 'everything is whole again');
    const until = scheduler.now + CALM_MS_MAX;
    let left = ['nobody has looked yet'];
    for (let looks = 0; looks < 2 && scheduler.now < until && witness.violations.length === 0;) {
      scheduler.runUntil(scheduler.now + LOOK_MS);
      left = outcomeFaults(this.nodes, this.liar);
      looks = left.length === 0 ? looks + 1 : 0;
    }
    for (const fault of left) witness.violate(fault);
    this.noteOutcome();
  }

  private noteOutcome(): void {
    const { nodes, liar, world: { diary, network } } = this;
    if (liar !== undefined && nodes.every(({ keeper }) => keeper.logOf(liar.id).agreedUpTo !== undefined)) diary.note('proof everywhere');
    const isRelayed = nodes.some((node) => nodes.some((issuer) => issuer !== node && !network.isLaid(node, issuer) && node.keeper.logOf(issuer.id).head !== undefined));
    if (isRelayed) diary.note('log only relayed');
  }

  /** What every node holds, in words. */
  holdings(): string[] {
    const { nodes, liar, world: { witness } } = this;
    return nodes.map(({ name, isUp, keeper, ownLog }) => {
      const logs = [...nodes.map(({ id }) => id), ...(liar === undefined ? [] : [liar.id])].map((issuer) => {
        const { head, entries, agreedUpTo, schedule } = keeper.logOf(issuer);
        return `${witness.nameOf(issuer)}:${head?.seq ?? 0} (${entries.size} entries, key ${schedule.keys.length}${agreedUpTo === undefined ? '' : `, agreed up to ${agreedUpTo}`})`;
      });
      return `${name} ${isUp ? 'is up' : 'is down'}, ${ownLog.isConfirmed ? 'signs' : 'does not sign'}, ${keeper.disks.database.drafts.length} drafts; holds ${logs.join(', ')}`;
    });
  }

  private begin(node: HonestNode, isLate: boolean): void {
    if (isLate) this.world.diary.note('late joiner', () => `${node.name} joins`);
    this.faults.start(node);
  }

  private beginningOf({ name, id }: HonestNode): Omit<Draft, 'askedAt'> {
    return { id: `${name} begins`, topic: 'announce', type: 'node.announced', sub: id, recovery: commitmentTo(keysOf(name).recoveryPublic) };
  }

  private makeLiar(): Liar {
    const { plan, world, nodes } = this;
    const liar = new Liar(new Set(plan.lies), nodes, world);
    world.witness.knows(liar.id, liar.name, false);
    for (const node of nodes.slice(0, 2 + world.random(nodes.length - 1))) join(node, liar, world.network);
    return liar;
  }

  private keepDrafting(): void {
    const { scheduler, random } = this.world;
    const again = () => {
      if (scheduler.now > this.plan.troubleMs) return;
      this.nodes[random(this.nodes.length)]!.draft(this.nextDraft());
      scheduler.after(200 + random(2_500), again);
    };
    again();
  }

  private nextDraft(): Draft {
    const { random, scheduler: { now } } = this.world;
    const id = `draft ${this.drafted += 1}`;
    const sub = `listing ${random(6)}`;
    const kind = random(5);
    if (kind === 0) return { id, topic: 'chains', type: 'chain.noted', sub: id, askedAt: now };
    const exp = random(2) === 0 ? { exp: now + random(60_000) } : {};
    if (kind === 1) return { id, topic: 'graph', type: 'listing.withdrawn', sub, askedAt: now, exp: now + random(60_000) };
    return { id, topic: 'graph', type: kind === 2 ? 'listing.reserved' : 'listing.published', sub, askedAt: now, ...exp };
  }
}

function join(one: HonestNode, other: HonestNode | Liar, network: Network): void {
  network.lay(one, other);
  one.peers.push(other);
  if (other instanceof HonestNode) other.peers.push(one);
}
