import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import type { z } from 'zod';
import { CheckProof } from './check-proof.js';
import type { KeptEquivocation } from './equivocation.repository.js';

/** A kept contradiction as it is told, its proof checked once more. */
@Injectable()
export class PresentEquivocation {
  constructor(private readonly checkProof: CheckProof) {}

  async present({ issuer, at, proof, shownBy, foundAt, state, kept, reason }: KeptEquivocation): Promise<z.output<typeof federation.equivocation>> {
    const finding = await this.checkProof.handle(issuer, proof);
    invariant(finding.holds, 'a proof that was kept holds');
    return { issuer, at, hashes: [...finding.found.hashes], foundAt: foundAt.toISOString(), shownBy, state, kept, reason, proof: { ...proof } };
  }
}
