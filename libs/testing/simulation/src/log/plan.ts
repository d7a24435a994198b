import type { SeededRandom } from '@kula/testing-fixtures';
import { LIES, type Lie } from './liar.js';
import { CALM, type Weather } from './network.js';

/** What goes wrong, or is done by an operator, at a moment. Nodes are numbered from 0. */
export type Fault =
  | { readonly what: 'cut' | 'heal'; readonly at: number; readonly one: number; readonly other: number }
  | { readonly what: 'crash'; readonly at: number; readonly node: number; readonly forMs: number }
  | { readonly what: 'restore'; readonly at: number; readonly node: number; readonly backupAt: number; readonly isWithStream: boolean }
  | { readonly what: 'losesStream' | 'checkpoint' | 'forget' | 'rotates' | 'recovers'; readonly at: number; readonly node: number };

/** Everything that a seed decides beforehand. */
export interface Plan {
  readonly honest: number;
  /** Pairs of honest nodes with a cable. The graph is connected. */
  readonly cables: readonly (readonly [number, number])[];
  readonly view: 'own' | 'all';
  readonly lies: readonly Lie[];
  /** A node that starts only late; undefined where all start at once. */
  readonly late: { readonly node: number; readonly at: number } | undefined;
  readonly weather: Weather;
  readonly troubleMs: number;
  readonly faults: readonly Fault[];
}

/** A backup is older than what a node takes for a short absence. */
const BACKUP_AGE_MS_MIN = 61_000;

/** The plan of a seed: the same on every machine. */
export function planOf(random: SeededRandom): Plan {
  const honest = 2 + random(4);
  const isMesh = random(2) === 0;
  const troubleMs = 60_000 + random(90_000);
  const lies = random(3) === 0 ? [] : LIES.filter(() => random(3) === 0);
  const late = honest > 2 && random(3) === 0 ? { node: honest - 1, at: 30_000 + random(40_000) } : undefined;
  return {
    honest, cables: isMesh ? mesh(honest) : tree(honest, random), view: isMesh && random(2) === 0 ? 'own' : 'all', lies, late, troubleMs,
    weather: weatherOf(random),
    faults: faultsOf({ honest, troubleMs, random }).sort((left, right) => left.at - right.at),
  };
}

function weatherOf(random: SeededRandom): Weather {
  const kind = random(4);
  if (kind === 0) return CALM;
  return { lost: random(80), doubled: random(80), delayed: kind === 1 ? 200 + random(200) : random(60) };
}

const mesh = (count: number): [number, number][] =>
  Array.from({ length: count }, (_one, one) => Array.from({ length: one }, (_other, other): [number, number] => [other, one])).flat();

const tree = (count: number, random: SeededRandom): [number, number][] => Array.from({ length: count - 1 }, (_unused, index) => [random(index + 1), index + 1]);

interface Stage {
  readonly honest: number;
  readonly troubleMs: number;
  readonly random: SeededRandom;
}

function faultsOf(stage: Stage): Fault[] {
  const { honest, troubleMs, random } = stage;
  const faults: Fault[] = [];
  const moment = () => 2_000 + random(troubleMs - 2_000);
  const node = () => random(honest);
  for (let count = random(5); count > 0; count -= 1) {
    const [one, other, at] = [node(), node(), moment()];
    if (one !== other) faults.push({ what: 'cut', at, one, other }, { what: 'heal', at: at + random(40_000), one, other });
  }
  for (let count = random(6); count > 0; count -= 1) faults.push({ what: 'crash', at: moment(), node: node(), forMs: random(3) === 0 ? random(90_000) : random(6_000) });
  for (const what of ['losesStream', 'rotates', 'recovers'] as const) if (random(4) === 0) faults.push({ what, at: moment(), node: node() });
  const restored = random(5) < 2 ? restoreOf(stage) : undefined;
  if (restored !== undefined) faults.push(restored, ...aroundRestore(restored, stage));
  if (random(5) < 3) faults.push(...forgetting(stage, restored));
  return faults;
}

type Restore = Fault & { readonly what: 'restore' };

function restoreOf({ honest, troubleMs, random }: Stage): Restore {
  const backupAt = 1_000 + random(Math.max(1, troubleMs - 50_000));
  return { what: 'restore', backupAt, at: backupAt + BACKUP_AGE_MS_MIN + random(40_000), node: random(honest), isWithStream: random(2) === 0 };
}

/** What makes a restore harder: the backup does not know the last key; before the node has come to itself it is started once more; a peer is away for a while. */
function aroundRestore({ at, backupAt, node }: Restore, { honest, random }: Stage): Fault[] {
  const faults: Fault[] = [];
  const peer = random(honest);
  if (random(3) === 0) faults.push({ what: random(2) === 0 ? 'rotates' : 'recovers', at: backupAt + random(at - backupAt), node });
  if (random(3) === 0) faults.push({ what: 'crash', at: at + random(20_000), node, forMs: random(6_000) });
  if (random(3) === 0 && peer !== node) faults.push({ what: 'crash', at: at + random(8_000), node: peer, forMs: 20_000 + random(25_000) });
  return faults;
}

/** Checkpoints of a node, and everybody forgets what they let go; mostly while a node sleeps that will want to know, or between a backup and its return. */
function forgetting({ honest, troubleMs, random }: Stage, restored: Restore | undefined): Fault[] {
  const author = restored !== undefined && random(2) === 0 ? restored.node : random(honest);
  const at = restored !== undefined ? restored.at - 5_000 - random(40_000) : 20_000 + random(troubleMs - 20_000);
  const written = Array.from({ length: 1 + random(3) }, (): Fault => ({ what: 'checkpoint', at: Math.max(0, at - 4_000 - random(15_000)), node: author }));
  const sleeper = random(honest);
  const sleep: Fault[] = sleeper === author || random(4) === 0 ? [] : [{ what: 'crash', at: Math.max(1_000, at - 25_000 - random(20_000)), node: sleeper, forMs: 50_000 + random(40_000) }];
  return [...written, ...sleep, ...Array.from({ length: honest }, (_unused, node): Fault => ({ what: 'forget', at: at + random(6_000), node }))];
}

/** When a fault is over. */
export function endOf(fault: Fault): number {
  return fault.what === 'crash' ? fault.at + fault.forMs : fault.at;
}
