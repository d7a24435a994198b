import { invariant } from '@kula/kernel-primitives';
import { isCheckpointItem, STATE_TOPICS, WITHDRAWAL_SUFFIX, type LogItem } from './log-item.js';

/** Where in time a log is looked at. */
export interface LiveAt {
  /** Milliseconds since 1970, the issuer's clock: `ts` of the checkpoint. */
  readonly ts: number;
}

/**
 * The items of one issuer that still count, in order: what a checkpoint written after them covers.
 *
 * An item of a state topic is dead where a later one of the same topic, type and sub replaces it, where a later one of the
 * same topic and sub withdraws it, or where it has expired. Of the checkpoints among the items the latest by `ts` counts,
 * of those with one `ts` the last; the others are dead. All else is live. O(items).
 *
 * A log's time never runs backwards: an item has expired where its `exp` is before `at.ts` or before the `ts` of any
 * checkpoint among the items. Otherwise an issuer whose clock was put back would wake what others have dropped.
 *
 * @param items the whole log up to the checkpoint, or the live items of an earlier checkpoint, that checkpoint itself and
 *   everything after it: both give the same.
 * @invariant what is dead stays dead, whatever is appended; liveItems(liveItems(a), …b) = liveItems(a, …b).
 * @throws InvariantError where sequence numbers do not rise.
 */
export function liveItems<Item extends LogItem>(items: readonly Item[], at: LiveAt): Item[] {
  invariant(items.every(({ seq }, index) => index === 0 || items[index - 1]!.seq < seq), 'items are in the order of their sequence numbers');
  const latest = latestCheckpoint(items);
  const nowMs = Math.max(at.ts, latest?.ts ?? 0);
  const later = new LaterItems();
  return items.toReversed().filter((item) => {
    if (isCheckpointItem(item)) return item === latest;
    if (!STATE_TOPICS.includes(item.topic)) return true;
    const isReplaced = later.replace(item);
    later.add(item);
    return !isReplaced && (item.exp ?? nowMs) >= nowMs;
  }).reverse();
}

function latestCheckpoint<Item extends LogItem>(items: readonly Item[]): Item | undefined {
  let latest: Item | undefined;
  for (const item of items) if (isCheckpointItem(item) && item.ts >= (latest?.ts ?? 0)) latest = item;
  return latest;
}

/** What the items behind the one looked at say, expired ones as well: they have replaced what was before them all the same. */
class LaterItems {
  private readonly said = new Set<string>();
  private readonly withdrawn = new Set<string>();

  add({ topic, type, sub }: LogItem): void {
    this.said.add(nameOf(topic, type, sub));
    if (type.endsWith(WITHDRAWAL_SUFFIX)) this.withdrawn.add(nameOf(topic, sub));
  }

  replace({ topic, type, sub }: LogItem): boolean {
    return this.said.has(nameOf(topic, type, sub)) || this.withdrawn.has(nameOf(topic, sub));
  }
}

/** One name for several words. None of them can hold a line break: an entry with a control character in one is malformed. */
const nameOf = (...words: readonly string[]): string => words.join('\n');
