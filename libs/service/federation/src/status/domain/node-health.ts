/** Longer than this a healthy node lets nothing wait: peers say every half minute what they hold. */
export const LATE_SECONDS = 45;

/** Failed attempts in a row after which a link counts as broken: one is made whenever a connection is renewed. */
const ATTEMPTS_MIN = 2;

export type NodeState = 'working' | 'behind' | 'waiting' | 'stopped';

/** What is lacking on one side, and for how long at least; null: not known. */
export interface Lag {
  readonly entries: number | null;
  readonly seconds: number | null;
}

/** A link to a peer, as far as its health goes. */
export interface LinkHealth {
  readonly name: string;
  readonly peerState: string;
  /** Null: this node never dials the peer. */
  readonly linkState: 'connecting' | 'opening' | 'following' | 'waiting' | 'stopped' | null;
  readonly attempts: number;
  readonly isFrozen: boolean;
  readonly behind: Lag;
  readonly undelivered: Lag;
}

/** Everything that the state of a node depends on. Reasons are fit for everybody. */
export interface Health {
  readonly fault: string | null;
  /** Why entries are not passed on. */
  readonly stalled: string | null;
  readonly sealingHeld: string | null;
  readonly unsealed: number;
  readonly unsealedSeconds: number;
  readonly links: readonly LinkHealth[];
}

export interface Backlog {
  readonly entries: number;
  readonly oldestSeconds: number;
}

const most = (values: readonly (number | null)[]): number => Math.max(0, ...values.map((value) => value ?? 0));

/** Links over which entries should travel now. */
const isAtWork = ({ peerState }: LinkHealth): boolean => peerState === 'linked' || peerState === 'draining';

/** What of this node has not reached everybody: the peer that lacks most counts. */
export function backlogOf({ unsealed, unsealedSeconds, links }: Health): Backlog {
  const working = links.filter(isAtWork);
  return {
    entries: unsealed + most(working.map(({ undelivered }) => undelivered.entries)),
    oldestSeconds: Math.max(unsealed === 0 ? 0 : unsealedSeconds, most(working.map(({ undelivered }) => undelivered.seconds))),
  };
}

/** The age of what has been lacking longest, on either side; null where nothing is known. */
export function oldestOf({ behind, undelivered }: Pick<LinkHealth, 'behind' | 'undelivered'>): number | null {
  const known = [behind.seconds, undelivered.seconds].filter((seconds) => seconds !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Whether a link that should carry entries does not. */
export const isBroken = (link: LinkHealth): boolean =>
  isAtWork(link) && (link.isFrozen || (link.linkState !== null && link.linkState !== 'following' && link.attempts >= ATTEMPTS_MIN));

/** How a link does, in words. */
export function linkWords(link: LinkHealth): string {
  if (link.isFrozen) return 'its log is frozen: it has contradicted itself';
  if (link.peerState === 'paused') return 'paused by the operator';
  if (isBroken(link)) return 'not reached; it is tried again and again';
  if (link.linkState === null || link.linkState === 'stopped') return 'no connection is wanted from here';
  if (link.linkState !== 'following') return 'being connected';
  if ((oldestOf(link) ?? 0) > LATE_SECONDS) return 'connected, and catching up';
  return link.peerState === 'draining' ? 'connected; only what is open is finished' : 'connected';
}

const span = (seconds: number): string => (seconds < 120 ? `${seconds} seconds` : seconds < 7_200 ? `${Math.floor(seconds / 60)} minutes` : `${Math.floor(seconds / 3_600)} hours`);

const counted = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);

function behindWords(health: Health): string | undefined {
  const broken = health.links.filter(isBroken).map(({ name }) => name);
  if (broken.length > 0) return `${broken.length > 3 ? `${broken.length} peers` : broken.join(' and ')} cannot be reached or followed now; everything else goes on.`;
  const { entries, oldestSeconds } = backlogOf(health);
  if (oldestSeconds > LATE_SECONDS) return `${counted(entries, 'entry has', 'entries have')} not reached everybody yet, the oldest for ${span(oldestSeconds)}.`;
  const late = health.links.filter((link) => isAtWork(link) && (link.behind.seconds ?? 0) > LATE_SECONDS);
  if (late.length === 0) return undefined;
  return `Entries of ${late.length > 3 ? `${late.length} peers` : late.map(({ name }) => name).join(' and ')} are not here yet, the oldest for at least ${span(most(late.map(({ behind }) => behind.seconds)))}.`;
}

/** The state of a node and the sentence that says it to people. The worst that holds is the state. */
export function stateOf(health: Health): { readonly state: NodeState; readonly sentence: string } {
  if (health.fault !== null) return { state: 'stopped', sentence: `Nothing is signed or taken in until somebody helps: ${health.fault}.` };
  if (health.sealingHeld !== null) return { state: 'waiting', sentence: `This node signs nothing for now: ${health.sealingHeld}.` };
  if (health.stalled !== null) return { state: 'behind', sentence: `Entries are kept and not passed on for now: ${health.stalled}.` };
  const behind = behindWords(health);
  if (behind !== undefined) return { state: 'behind', sentence: behind };
  return { state: 'working', sentence: 'Everything works.' };
}
