import type { Head } from '@kula/kernel-federation-log';

/** Hears of signs that peers hold another log of this node than the node itself. */
export abstract class OwnLogWatch {
  /**
   * A peer holds an entry of this node's log that the node does not: beyond its head, or another one at that number.
   *
   * The entry carries the node's own signature. It has not been stored. Resolves once nothing more is signed until the log
   * has been confirmed.
   */
  abstract suspect(peer: string, head: Head): Promise<void>;
}
