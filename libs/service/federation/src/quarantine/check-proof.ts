import { Injectable } from '@nestjs/common';
import type { Json } from '@kula/kernel-crypto';
import { isNodeId, isValidAt, lookupIn, openEntry, verifyEquivocationProof, type Equivocation, type EquivocationProof } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';

/**
 * What a proof is worth here. `later_key`: it is signed with a key that the accused's log names only in entries that are not
 * held here yet, so that nothing can be said of it now.
 */
export type ProofFinding =
  | { readonly holds: true; readonly proof: EquivocationProof; readonly found: Equivocation }
  | { readonly holds: false; readonly why: string };

/** Checks proofs of contradiction with the keys of whom they accuse. */
@Injectable()
export class CheckProof {
  constructor(private readonly own: OwnNode, private readonly log: EntryLog) {}

  async handle(accused: string, proof: unknown): Promise<ProofFinding> {
    const schedule = isNodeId(accused) ? (await this.log.issuerLog(accused)).schedule : undefined;
    if (schedule === undefined) return { holds: false, why: 'the accused has no node id' };
    const found = verifyEquivocationProof(nodeEd25519, proof as Json, lookupIn(schedule), {
      net: this.own.network, keyIsValidAt: (kid, seq) => isValidAt(schedule, kid, seq),
    });
    if ('refused' in found) {
      const isLater = found.refused === 'proof.unsigned_branch' && this.entriesIn(proof).some((jws) => this.isOfUnknownKey(jws, accused, lookupIn(schedule)));
      return { holds: false, why: isLater ? 'later_key' : found.refused };
    }
    return found.iss === accused ? { holds: true, proof: proof as EquivocationProof, found } : { holds: false, why: 'the proof is about another node' };
  }

  private entriesIn(proof: unknown): readonly string[] {
    const { left, right } = proof as EquivocationProof;
    return [...left, ...right];
  }

  private isOfUnknownKey(jws: string, accused: string, keyOf: ReturnType<typeof lookupIn>): boolean {
    const entry = openEntry(nodeEd25519, jws, keyOf, { net: this.own.network, iss: accused });
    return 'refused' in entry && entry.refused === 'entry.unknown_key';
  }
}
