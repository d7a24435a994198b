import type { nodeAnnounced } from '@kula/contracts';
import type { NodeId } from '@kula/kernel-crypto';
import { kidOf, lastKey, type KeySchedule, type Sealer } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import type { z } from 'zod';

/** Private keys this node was given; 32 bytes each. */
export interface OwnKeys {
  /** The key to sign with now. */
  readonly current: Uint8Array;
  /** The one before, where the change to the current one may not have been written down yet. */
  readonly previous?: Uint8Array;
  /** The key that the log has committed to for the case that the previous one is lost. */
  readonly recovery?: Uint8Array;
  /** Commitment to the recovery key of the next time; null: there will be none. */
  readonly recoveryKeyHash: string | null;
}

/** The node this service speaks for, with its keys. */
export class OwnNode {
  /** Public halves of the keys to sign with, the current one first. */
  readonly publicKeys: readonly Uint8Array[];
  private keyNo = 1;

  constructor(
    readonly nodeId: NodeId, readonly network: string, readonly keys: OwnKeys, readonly announcement: z.output<typeof nodeAnnounced.body>,
  ) {
    this.publicKeys = [keys.current, ...(keys.previous === undefined ? [] : [keys.previous])].map((key) => nodeEd25519.publicKey(key));
  }

  /** Who seals now. Its kid is right once `confirmKey` has found the key in the log. */
  get sealer(): Sealer { return { kid: kidOf(this.nodeId, this.keyNo), privateKey: this.keys.current, net: this.network }; }

  /** True where the log's last key is the one to sign with; its number is then taken over. */
  confirmKey(schedule: KeySchedule): boolean {
    const { keyNo } = lastKey(schedule);
    if (this.sealerFor(schedule)?.privateKey !== this.keys.current) return false;
    this.keyNo = keyNo;
    return true;
  }

  /** Who can seal the next entry of a log with these keys; undefined where none of the keys given is its last one. */
  sealerFor(schedule: KeySchedule): Sealer | undefined {
    const { keyNo, publicKey } = lastKey(schedule);
    const at = this.publicKeys.findIndex((key) => isSame(key, publicKey));
    const privateKey = [this.keys.current, this.keys.previous][at];
    return privateKey && { kid: kidOf(this.nodeId, keyNo), privateKey, net: this.network };
  }
}

const isSame = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;
